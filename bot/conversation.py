"""What a follower and the bot are talking about: the last list, the last choice. Small, and gone after a day.

It lives in the key-value store, so any process can go on with any talk. Two messages of one follower at the
same moment do not undo each other: a write that meets another one takes over only what it changed itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from infra.keyvalue import KeyValues, Swap
from infra.log import get_logger

log = get_logger("bot")

TTL_S = 24 * 3600
MAX_IDS = 60
MAX_NOTES = 8
MAX_CHARS = 200
MAX_OWED_CHARS = 2048
PREFIX = "talk:"
_TRIES = 8
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Listing:
    """The last list that was shown: what was asked, everything found (best first), where the page begins.

    It is one value and is replaced as a whole, so a number never points into somebody else's list.
    """

    ids: tuple[str, ...] = ()
    offset: int = 0
    query: str = ""


@dataclass(slots=True)
class Conversation:
    """Handlers read it and assign to it; it is written after the answer, and only when it changed.

    ``chosen`` is the id that was looked at last. ``notes`` is for a handler's own small facts (a question
    that waits for its yes); it is bounded in number and length, so it is no place for texts. ``owed`` is an
    answer that came too late for its message and could not be sent by itself; it goes out with the next one.
    """

    openid: str
    listing: Listing = Listing()
    chosen: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    owed: str = ""
    stored: bytes | None = field(default=None, repr=False)

    def revert(self) -> None:
        """Back to what was loaded: a handler that failed leaves no half of its work."""
        before = unpack(self.openid, self.stored)
        self.listing, self.chosen, self.notes = before.listing, before.chosen, before.notes


def saving(mine: Conversation) -> list[Swap]:
    """The step that writes a talk if it changed; where it fails, `Conversations.save` mends it."""
    packed = _pack(mine)
    return (
        [] if packed == (mine.stored or _NOTHING) else [Swap(key_of(mine.openid), mine.stored, packed, TTL_S)]
    )


class Conversations:
    """Loads and saves. Raises Unavailable when the store does not answer."""

    def __init__(self, store: KeyValues) -> None:
        self._store = store

    def load(self, openid: str) -> Conversation:
        return unpack(openid, self._store.get(key_of(openid)))

    def save(self, mine: Conversation) -> None:
        for step in saving(mine):
            if self._store.swap(step.key, step.old, step.new, ttl_s=step.ttl_s):
                mine.stored = step.new
            else:
                self._save_over(mine)

    def _save_over(self, mine: Conversation) -> None:
        """Another message of this follower was quicker: its changes stay, ours go on top."""
        before = unpack(mine.openid, mine.stored)
        for _ in range(_TRIES):
            raw = self._store.get(key_of(mine.openid))
            packed = _pack(_merge(before, mine, unpack(mine.openid, raw)))
            if packed == raw or self._store.swap(key_of(mine.openid), raw, packed, ttl_s=TTL_S):
                mine.stored = packed
                return
        log.warning("conversation_not_kept", openid=mine.openid, tries=_TRIES)


def _merge(before: Conversation, mine: Conversation, theirs: Conversation) -> Conversation:
    changed = {name: value for name, value in mine.notes.items() if before.notes.get(name) != value}
    kept = {n: v for n, v in theirs.notes.items() if n in mine.notes or n not in before.notes}
    return replace(
        theirs,
        listing=theirs.listing if mine.listing == before.listing else mine.listing,
        chosen=theirs.chosen if mine.chosen == before.chosen else mine.chosen,
        notes=kept | changed,
        owed=theirs.owed if mine.owed == before.owed else mine.owed,
    )


def key_of(openid: str) -> str:
    """Where a talk lies in the store, for `unpack`."""
    return PREFIX + openid


def _pack(talk: Conversation) -> bytes:
    """Compact JSON with one-letter names; what is empty is left out. At most some 16 KB by its bounds."""
    fields: dict[str, Any] = {}
    if talk.listing.ids or talk.listing.query:
        ids = [item[:MAX_CHARS] for item in talk.listing.ids[:MAX_IDS]]
        fields["l"] = [ids, talk.listing.offset, talk.listing.query[:MAX_CHARS]]
    if talk.chosen:
        fields["c"] = talk.chosen[:MAX_CHARS]
    if talk.notes:
        newest = list(talk.notes.items())[-MAX_NOTES:]
        fields["n"] = {name[:MAX_CHARS]: value[:MAX_CHARS] for name, value in newest}
    if talk.owed:
        fields["o"] = talk.owed[:MAX_OWED_CHARS]
    return _JSON.encode(fields).encode("utf-8", "replace")


def unpack(openid: str, raw: bytes | None) -> Conversation:
    """The talk as it lies in the store."""
    talk = Conversation(openid, stored=raw)
    if not raw:
        return talk
    try:
        fields = json.loads(raw)
        if "l" in fields:
            ids, offset, query = fields["l"]
            talk.listing = Listing(tuple(ids), offset, query)
        talk.chosen, talk.notes, talk.owed = fields.get("c", ""), fields.get("n", {}), fields.get("o", "")
    except (ValueError, TypeError, AttributeError) as error:
        # Written by another version of the service: the talk starts anew, the answer does not fail.
        log.warning("conversation_unreadable", openid=openid, cause=str(error))
    return talk


_NOTHING = _pack(Conversation(""))
