"""Where the paid part of a text begins. The cut is made in the source, before anything is rendered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from content.markdown import block_tokens
from content.problem import Findings

MARK = "<!--members-only-->"
MORE = "<!--more-->"

# In back-ticks it is being talked about, not used.
_MARK = re.compile(r"(?<!`)<!--\s*members-only\s*-->", re.IGNORECASE)
_MORE = re.compile(r"<!--\s*more\s*-->", re.IGNORECASE)
# Some editors make one long dash of two, or write out the angle.
_DASH = "-\u2010-\u2015－"
_NEARLY = re.compile(
    rf"(?<!`)(?:<|＜|&lt;)[ \t]{{0,3}}[!！]?[ \t]{{0,3}}[{_DASH}]{{1,4}}[ \t]{{0,9}}"
    r"(?:members?|paid|paywall|vip|(?:会员|付费)(?:内容|部分|专享|可见)?)"
    rf"[ \t_{_DASH}]{{0,3}}(?:only)?[ \t]{{0,9}}[{_DASH}]{{1,4}}[ \t]{{0,3}}(?:>|＞|&gt;)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parts:
    """A text cut at the mark's line; ``below`` is None when there is no (valid) mark."""

    above: str
    below: str | None


def cut_at_paywall(body: str, findings: Findings, first_line: int, *, free: bool = False) -> Parts:
    """Cuts a lesson at its paywall mark; a mark that is doubled, in code or not by itself is an error.

    ``first_line`` is the number of the body's first line in its file. ``free``: without a mark all of it is,
    so what might have been meant for one is an error, too.
    """
    places = _lines_with(_MARK, body)
    valid = _standing_alone(_MARK, body) if places else []
    _note_misplaced(body, sorted({*places} - {*valid}), findings, first_line)
    for at in valid[1:]:
        findings.error(first_line + at, "付费分界线写了两次", f"一课只留一行 {MARK}")
    _note_nearly(body, findings, first_line, free=free)
    return _cut(body, valid[0] if valid else None)


def cut_at_more(body: str) -> Parts:
    """Cuts a course page at its first `<!--more-->` line."""
    places = _standing_alone(_MORE, body) if _MORE.search(body) else []
    return _cut(body, places[0] if places else None)


def refuse_paywall(body: str, findings: Findings, first_line: int) -> None:
    """A course page is public from top to bottom: a mark there would promise what it does not do."""
    for at in _lines_with(_MARK, body):
        findings.error(
            first_line + at, "课程介绍页全部公开，不能放付费分界线", "删掉这一行，把付费内容写进课时文件"
        )
    _note_nearly(body, findings, first_line, free=True)


def _cut(body: str, at: int | None) -> Parts:
    if at is None:
        return Parts(body, None)
    lines = body.split("\n")
    return Parts("\n".join(lines[:at]), "\n".join(lines[at + 1 :]))


def _lines_with(mark: re.Pattern[str], body: str) -> list[int]:
    return [at for at, line in enumerate(body.split("\n")) if mark.search(line)]


def _standing_alone(mark: re.Pattern[str], body: str) -> list[int]:
    """Lines on which the mark is a top-level block of its own: not in code, a list, a quote or other HTML.

    What stands below a line does not change which block it belongs to, so nothing below the last is read.
    """
    last = max(_lines_with(mark, body), default=-1)
    return [
        token.map[0]
        for token in block_tokens("\n".join(body.split("\n")[: last + 1]))
        if token.type == "html_block"
        and token.level == 0
        and token.map is not None
        and mark.fullmatch(token.content.strip()) is not None
    ]


def _note_misplaced(body: str, places: list[int], findings: Findings, first_line: int) -> None:
    in_code = _lines_of_code(body) if places else set()
    for at in places:
        if at in in_code:
            findings.error(
                first_line + at, "付费分界线写在了代码块里，不起作用", f"把 {MARK} 移到代码块外面，独占一行"
            )
            continue
        findings.error(
            first_line + at,
            "付费分界线没有独占一行",
            f"{MARK} 要顶格独占一行，不能在列表、引用或别的 HTML 里，上下各空一行",
        )


def _lines_of_code(body: str) -> set[int]:
    blocks = (token for token in block_tokens(body) if token.type in ("fence", "code_block"))
    return {line for token in blocks if token.map is not None for line in range(*token.map)}


def _note_nearly(body: str, findings: Findings, first_line: int, *, free: bool) -> None:
    places = sorted({*_lines_with(_NEARLY, body)} - {*_lines_with(_MARK, body)})
    in_code = _lines_of_code(body) if places else set()
    for at in places:
        if at in in_code:
            continue
        if free:
            findings.error(
                first_line + at,
                "这一行像付费分界线，但写法不对，它下面的内容会免费公开",
                f"改成 {MARK}，独占一行；不是分界线就删掉它",
            )
        else:
            findings.warning(first_line + at, "这一行像付费分界线，但写法不对，没有起作用", f"改成 {MARK}")
