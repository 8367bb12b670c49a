"""What a follower and the bot are talking about: the last list, the last choice. Small, and gone after a day.

It lives in the key-value store, so any process can go on with any talk. Two messages of one follower at the
same moment do not undo each other: a write that meets another one takes over only what it changed itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from infra.keyvalue import KeyValues, Swap
from infra.log import get_logger

log = get_logger("bot")

TTL_S = 24 * 3600
# Who writes within this time can still be written to by WeChat's rules, so an answer is owed as long.
OWED_TTL_S = 48 * 3600
MAX_IDS = 60
MAX_NOTES = 8
MAX_CHARS = 200
MAX_OWED = 4
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


class Owed(NamedTuple):
    """An answer that came too late for its message. From ``due_s`` (seconds since 1970) on it goes out with
    the answer to the next one; until then somebody is about to send it by itself.
    """

    due_s: int
    text: str


@dataclass(slots=True)
class Conversation:
    """Handlers read it and assign to it; it is written after the answer, and only when it changed.

    ``chosen`` is the id that was looked at last. ``notes`` is for a handler's own small facts (a question
    that waits for its yes); it is bounded in number and length, so it is no place for texts. Of what is
    ``owed`` the newest `MAX_OWED` are kept.
    """

    openid: str
    listing: Listing = Listing()
    chosen: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    stored: bytes | None = field(default=None, repr=False)

    def owe(self, owed: Owed) -> None:
        if len(self.owed) >= MAX_OWED:
            log.error("late_answer_lost", openid=self.openid, cause=f"{MAX_OWED} others wait")
        self.owed = (*self.owed, owed)[-MAX_OWED:]

    def due(self, now_s: float) -> tuple[Owed, ...]:
        return tuple(owed for owed in self.owed if owed.due_s <= now_s)

    def revert(self) -> None:
        """Back to what was loaded: a handler that failed leaves no half of its work."""
        before = unpack(self.openid, self.stored)
        self.listing, self.chosen, self.notes = before.listing, before.chosen, before.notes


def saving(mine: Conversation) -> list[Swap]:
    """The step that writes a talk if it changed; where it fails, `Conversations.save` mends it."""
    packed = _pack(mine)
    if packed == (mine.stored or _NOTHING):
        return []
    return [Swap(key_of(mine.openid), mine.stored, packed, _ttl_s(mine))]


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

    def owe(self, openid: str, owed: Owed) -> None:
        """It cannot be sent by itself: from now on the next message takes it along."""
        talk = self.load(openid)
        talk.owed = tuple(other for other in talk.owed if other != owed)
        talk.owe(Owed(0, owed.text))
        self.save(talk)

    def pay(self, openid: str, owed: Owed) -> None:
        """It has been sent."""
        talk = self.load(openid)
        talk.owed = tuple(other for other in talk.owed if other != owed)
        self.save(talk)

    def _save_over(self, mine: Conversation) -> None:
        """Another message of this follower was quicker: its changes stay, ours go on top."""
        before = unpack(mine.openid, mine.stored)
        for _ in range(_TRIES):
            raw = self._store.get(key_of(mine.openid))
            merged = _merge(before, mine, unpack(mine.openid, raw))
            packed = _pack(merged)
            if packed == raw or self._store.swap(key_of(mine.openid), raw, packed, ttl_s=_ttl_s(merged)):
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
        owed=_merge_owed(before.owed, mine.owed, theirs.owed),
    )


def _merge_owed(
    before: tuple[Owed, ...], mine: tuple[Owed, ...], theirs: tuple[Owed, ...]
) -> tuple[Owed, ...]:
    kept = [owed for owed in theirs if owed in mine or owed not in before]
    return (*kept, *(owed for owed in mine if owed not in before and owed not in theirs))[-MAX_OWED:]


def _ttl_s(talk: Conversation) -> float:
    return OWED_TTL_S if talk.owed else TTL_S


def key_of(openid: str) -> str:
    """Where a talk lies in the store, for `unpack`."""
    return PREFIX + openid


def _pack(talk: Conversation) -> bytes:
    """Compact JSON with one-letter names; what is empty is left out. At most some 40 KB by its bounds."""
    if not (talk.chosen or talk.notes or talk.owed):
        listing = talk.listing
        return _pack_listing(listing.ids, listing.offset, listing.query)
    fields = _listing_fields(talk.listing)
    if talk.chosen:
        fields["c"] = talk.chosen[:MAX_CHARS]
    if talk.notes:
        newest = list(talk.notes.items())[-MAX_NOTES:]
        fields["n"] = {name[:MAX_CHARS]: value[:MAX_CHARS] for name, value in newest}
    if talk.owed:
        fields["o"] = [[due_s, text[:MAX_OWED_CHARS]] for due_s, text in talk.owed[-MAX_OWED:]]
    return _JSON.encode(fields).encode("utf-8", "replace")


def _listing_fields(listing: Listing) -> dict[str, Any]:
    if not (listing.ids or listing.query):
        return {}
    ids = [item[:MAX_CHARS] for item in listing.ids[:MAX_IDS]]
    return {"l": [ids, listing.offset, listing.query[:MAX_CHARS]]}


@lru_cache(maxsize=256)
def _pack_listing(ids: tuple[str, ...], offset: int, query: str) -> bytes:
    """Most talks are a list and nothing else, and many have asked the same."""
    fields = _listing_fields(Listing(ids, offset, query))
    return _JSON.encode(fields).encode("utf-8", "replace")


def unpack(openid: str, raw: bytes | None) -> Conversation:
    """The talk as it lies in the store."""
    talk = Conversation(openid, stored=raw)
    if not raw:
        return talk
    try:
        said = _read(raw)
    except (ValueError, TypeError, AttributeError) as error:
        # Written by another version of the service: the talk starts anew, the answer does not fail.
        log.warning("conversation_unreadable", openid=openid, cause=str(error))
        return talk
    talk.listing, talk.chosen, talk.owed = said.listing, said.chosen, said.owed
    talk.notes = dict(said.notes)  # the talk's own
    return talk


class _Said(NamedTuple):
    """What lies in the store, for all talks in which the same lies."""

    listing: Listing
    chosen: str
    notes: dict[str, str]
    owed: tuple[Owed, ...]


@lru_cache(maxsize=256)
def _read(raw: bytes) -> _Said:
    fields = json.loads(raw)
    ids, offset, query = fields.get("l", ((), 0, ""))
    owed = tuple(Owed(int(due_s), str(text)) for due_s, text in fields.get("o", ()))
    return _Said(Listing(tuple(ids), offset, query), fields.get("c", ""), fields.get("n", {}), owed)


_NOTHING = _pack(Conversation(""))
