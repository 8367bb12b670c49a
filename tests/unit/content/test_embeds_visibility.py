"""Whatever embeds whatever, nobody reads what they may not read where it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from content.markdown import Text
from tests.unit.content.rendering import rendered

COUNT = 5
START = datetime(2027, 1, 1, tzinfo=UTC)
WAYS = [
    "![[n{}]]",
    "![[n{}#free{}]]",
    "![[n{}#paid{}]]",
    "> [!tip]- x\n> ![[n{}]]",
    "- ![[n{}]]",
    "[[n{}#paid{}]]",
]

ways = st.lists(st.tuples(st.sampled_from(WAYS), st.integers(0, COUNT - 1)), max_size=3)
days = st.none() | st.integers(0, 2)


@st.composite
def lessons(draw: st.DrawFn) -> list[Text]:
    return [draw(lesson(number)) for number in range(COUNT)]


@st.composite
def lesson(draw: st.DrawFn, number: int) -> Text:
    free, paid = (source(number, kind, draw(ways)) for kind in ("free", "paid"))
    shape = draw(st.sampled_from(["free", "mixed", "paid"]))
    opens = draw(days)
    return Text(
        f"{number}-n{number}.md",
        f"n{number}",
        f"第{number}课",
        "" if shape == "paid" else free,
        None if shape == "free" else paid,
        opens_after_days=0 if shape == "free" else draw(st.integers(0, 2)),
        opens_at=None if opens is None else START + timedelta(days=opens),
    )


def source(number: int, kind: str, embedded: list[tuple[str, int]]) -> str:
    """Half of it under a heading with the words that embedding asks for."""
    lines = [way.format(other, other) for way, other in embedded]
    canary = f"Canary{kind.upper()}{number}."
    return "\n\n".join([canary, *lines[:1], f"## {kind}{number}", canary, *lines[1:]])


def seen(text: Text, texts: list[Text], *, paid: bool) -> set[tuple[str, int]]:
    part = text.paid if paid else text.free
    html = rendered(part or "", texts=tuple(texts), path=text.path, paid=paid)[0].html
    return {(kind, int(number)) for kind, number in re.findall(r"Canary(FREE|PAID)(\d)\.", html)}


@settings(max_examples=150, deadline=None)
@given(texts=lessons())
def test_a_text_shows_only_what_its_readers_may_read_by_then(texts: list[Text]) -> None:
    for here in texts:
        for is_paid in (False, True):
            for kind, number in seen(here, texts, paid=is_paid):
                other = texts[number]
                assert kind == "FREE" or is_paid
                assert other.opens_at is None or (
                    here.opens_at is not None and other.opens_at <= here.opens_at
                )
                assert kind == "FREE" or other.opens_after_days <= here.opens_after_days


@settings(max_examples=30, deadline=None)
@given(texts=lessons())
def test_where_nothing_waits_buyers_see_what_is_embedded(texts: list[Text]) -> None:
    open_now = [replace(text, opens_after_days=0, opens_at=None, free=f"文{text.slug}") for text in texts]
    here = replace(open_now[0], paid="\n\n".join(f"![[n{number}]]" for number in range(1, COUNT)))
    shown = seen(here, [here, *open_now[1:]], paid=True)
    assert {("PAID", text_at) for text_at in range(1, COUNT) if open_now[text_at].paid} <= shown
