"""One part of a text rendered as a course's files would have it, with what was found wrong in it."""

from __future__ import annotations

import re

from content.links import Links
from content.markdown import Place, Rendered, Text, Texts, render
from content.problem import Findings, Problem

FILES = {"01-start/图 1.png", "cover.jpg", "talk.mp3", "film.mp4"}


def rendered(
    source: str,
    *,
    texts: tuple[Text, ...] = (),
    path: str = "01-start/02-here.md",
    paid: bool = False,
    first_line: int = 1,
    size: tuple[int, int] | None = (800, 400),
) -> tuple[Rendered, list[Problem]]:
    findings = Findings(path)
    slugs = {text.path: text.slug for text in texts}
    links = Links("py", path.rpartition("/")[0], FILES, slugs, size_of=lambda _: size)
    place = Place(path, first_line, paid=paid, texts=Texts(texts), findings=findings)
    return render(source, links, place=place), findings.problems


def html_of(source: str) -> str:
    return rendered(source)[0].html


def tags_only(html: str) -> str:
    """The live markup: the words between the tags taken out, and what is quoted in them."""
    return re.sub(r">[^<]*<", "><", html)
