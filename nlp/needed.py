"""Which characters a pattern cannot do without, or cannot match: so a text need not be tried.

Most messages are questions, and fit none of the sayings of buttons. For each saying there is a small set of
characters of which every match has at least one (`退款|退钱`: 退), and a larger one that none leaves (爬 is
in no button); looking at these costs a tenth of trying.
Digits are those of `plain` texts, 0 to 9.
"""

import re
from collections.abc import Sequence
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST = 60  # characters of a class that is looked into


class Quick:
    """A pattern that is tried only on texts that may fit it."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        parts = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
        found, used = _of_all(parts), _used(parts)
        self._needed = None if found is None else frozenset(found)
        self._used = None if used is None else frozenset(used)

    def may_fit(self, signs: frozenset[str]) -> bool:
        """Whether a text of these characters may fit."""
        return self._needed is None or not self._needed.isdisjoint(signs)

    def may_be(self, signs: frozenset[str]) -> bool:
        """Whether a text of these characters may fit as a whole."""
        return self._used is None or signs <= self._used

    @property
    def used(self) -> frozenset[str] | None:
        """All the characters that a match may have; None when that may be any."""
        return self._used


def begun(pattern: str) -> str:
    """The same pattern, tried only where one of the characters stands with which a match begins."""
    first, empty = _first(parser.parse(pattern))
    if not first or empty:
        return pattern
    return f"(?=[{re.escape(''.join(sorted(first)))}])(?:{pattern})"


class Among:
    """Several of these, and which of them a text may be as a whole: told character by character, until none
    is left. A topic mostly has one that is in no button."""

    def __init__(self, quicks: Sequence[Quick]) -> None:
        self._quicks = quicks
        self._any = sum(1 << at for at, quick in enumerate(quicks) if quick.used is None)
        self._with: dict[str, int] = {}  # which patterns have a character, a bit each
        for at, quick in enumerate(quicks):
            for sign in quick.used or ():
                self._with[sign] = self._with.get(sign, self._any) | 1 << at

    def may_be(self, least: frozenset[str], signs: frozenset[str]) -> list[int]:
        """The places of those that a text of the characters `least` may be as a whole, and that one of
        `signs` may fit."""
        left = (1 << len(self._quicks)) - 1
        for sign in least:
            left &= self._with.get(sign, self._any)
            if not left:
                return []
        quicks = enumerate(self._quicks)
        return [at for at, quick in quicks if left >> at & 1 and quick.may_fit(signs)]


def _of_all(parts: Any) -> set[str] | None:
    """Of a sequence: the smallest set that one of its parts needs; None when no part needs anything."""
    found = [needed for code, value in parts if (needed := _of_one(code, value)) is not None]
    return min(found, key=len, default=None)


def _of_one(code: Any, value: Any) -> set[str] | None:
    if code is codes.LITERAL:
        return {chr(value)}
    if code is codes.IN:
        return _of_class(value)
    if code is codes.SUBPATTERN:
        return _of_all(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, _, inner = value
        return _of_all(inner) if least else None
    if code is codes.BRANCH:
        return _of_any([_of_all(branch) for branch in value[1]])
    return None


def _of_any(branches: list[set[str] | None]) -> set[str] | None:
    together: set[str] = set()
    for needed in branches:
        if needed is None:
            return None
        together |= needed
    return together


def _of_class(members: Any) -> set[str] | None:
    found: set[str] = set()
    for code, value in members:
        if code is codes.LITERAL:
            found.add(chr(value))
        elif code is codes.RANGE and value[1] - value[0] < MOST:
            found |= set(map(chr, range(value[0], value[1] + 1)))
        elif code is codes.CATEGORY and value is codes.CATEGORY_DIGIT:
            found |= set("0123456789")
        else:
            return None
    return found


def _used(parts: Any) -> set[str] | None:
    """Every character that a match may have in it; None when that may be any."""
    together: set[str] = set()
    for code, value in parts:
        if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):  # these match no character
            continue
        found = _used_by(code, value)
        if found is None:
            return None
        together |= found
    return together


def _used_by(code: Any, value: Any) -> set[str] | None:
    if code is codes.SUBPATTERN:
        return _used(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return _used(value[2])
    if code is codes.BRANCH:
        return _of_any([_used(branch) for branch in value[1]])
    return _of_one(code, value)


def _first(parts: Any) -> tuple[set[str] | None, bool]:
    """The characters with which a sequence begins, None when that may be any; and whether it may be empty."""
    together: set[str] = set()
    for code, value in parts:
        found, empty = _first_of_one(code, value)
        if found is None:
            return None, False
        together |= found
        if not empty:
            return together, False
    return together, True


def _first_of_one(code: Any, value: Any) -> tuple[set[str] | None, bool]:
    if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
        return set(), True
    if code is codes.SUBPATTERN:
        return _first(value[-1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        found, empty = _first(value[2])
        return found, empty or not value[0]
    if code is codes.BRANCH:
        branches = [_first(branch) for branch in value[1]]
        return _of_any([found for found, _ in branches]), any(empty for _, empty in branches)
    return _of_one(code, value), False
