"""Long lists of what is not there to be chosen by number: 「更多」 goes on with whichever was shown last."""

from __future__ import annotations

import re

from handlers.chat.turn import Turn

_NOTE = "more"


def remember(turn: Turn, name: str, start: int) -> None:
    """The next 「更多」 means this list, from ``start`` on."""
    turn.session.notes[_NOTE] = f"{name} {start}"


def forget(turn: Turn) -> None:
    """The next 「更多」 means the last list of courses."""
    turn.session.notes.pop(_NOTE, None)


def place(turn: Turn) -> tuple[str, int]:
    """The list that 「更多」 means, and where its next page begins; ("", 0) for the list of courses."""
    found = re.fullmatch(r"([a-z]+) (\d{1,4})", turn.session.notes.get(_NOTE, ""))
    return (found[1], int(found[2])) if found else ("", 0)
