"""What the operator reads when something is wrong at the till."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from handlers import push
from handlers.sentences import Sentences
from handlers.shop import Shop
from infra.outbox import Parcel
from payments.alerts import KINDS

SHOP = cast(Shop, SimpleNamespace(say=Sentences()))
WORDS = sorted(word for words in KINDS.values() for word in words)


def text(*news: dict[str, Any], more: int = 0) -> str:
    payload = {"openid": "oAnna", "news": list(news), "more": more}
    return push.TEXTS["alert"](SHOP, Parcel(1, "alert:1", "alert", payload, 1))


def one(word: str, what: str = "begins") -> dict[str, Any]:
    return {"what": what, "word": word, "about": "260105100000abcdEFGH", "figure": 9900}


def test_each_matter_has_its_sentence() -> None:
    assert sorted(push.ALERTS) == WORDS


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("what", ["begins", "stands", "over"])
def test_it_says_what_and_which_command_shows_more(word: str, what: str) -> None:
    said = text(one(word, what))
    assert "python manage.py " in said and "{" not in said
    assert "已经好了" in said if what == "over" else "已经好了" not in said


def test_an_order_is_named_with_its_money() -> None:
    said = text(one("unopened"))
    assert "¥99" in said and "orders show 260105100000abcdEFGH" in said


def test_one_message_holds_several_and_says_how_many_more() -> None:
    said = text(one("unopened"), one("difference"), more=7)
    assert said.count("\n\n") == 3 and "还有 7 件" in said
