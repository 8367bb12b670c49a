"""Tickets to log in on another screen: asked for there, confirmed in WeChat, used once where they came from.

A ticket lives five minutes in the key-value store. Its name stands in the code that WeChat scans; that alone
opens nothing. It is claimed with a second word, which only the browser that asked has ever seen, so who
photographs the code gets nowhere with it. The two digits appear when the code has been scanned, on both
screens: who holds the phone sees whether the screen before them is the one that asked, or whether somebody
sent them the code of another one.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Literal

from infra.errors import NotFound, Unavailable
from infra.keyvalue import KeyValueStore

LIFE_S = 300.0
MOST_TICKETS = 60  # of one address in a minute: a class behind one router, not a flood
MOST_SCANS = 20  # of one follower in a minute
_MINUTE_S = 60.0

State = Literal["new", "scanned", "confirmed", "refused"]


class TicketGone(NotFound):
    """Unknown, too old, used, or scanned by somebody else; the four are not told apart."""

    say = "scan.gone"


class TooManyTickets(Unavailable):
    """This address, or this follower, has asked too often; a minute later they may again."""

    say = "scan.too_many"


@dataclass(frozen=True)
class Ticket:
    """As it is kept. ``claim`` is a hash; ``openid`` and ``digits`` are there once it has been scanned."""

    claim: str
    back_to: str
    device: str
    state: State = "new"
    openid: str = ""
    digits: str = ""


@dataclass(frozen=True)
class Asked:
    """What the asking browser is given: the ticket's name, and the word that claims it."""

    name: str
    word: str


class Tickets:
    """Each step compares what is kept with what it was when it was looked at: no two go the same way."""

    def __init__(self, store: KeyValueStore) -> None:
        self._store = store

    def ask(self, back_to: str, device: str, neighbourhood: str) -> Asked:
        """A new ticket. Raises TooManyTickets."""
        self._count(f"scan-asked:{neighbourhood}", MOST_TICKETS)
        asked = Asked(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        ticket = Ticket(_hash(asked.word), back_to, device)
        self._store.set(_key(asked.name), _written(ticket), ttl_s=LIFE_S)
        return asked

    def look(self, asked: Asked) -> Ticket:
        """How far it is, for the browser that asked. Raises TicketGone."""
        ticket, _ = self._own(asked)
        return ticket

    def scan(self, name: str, openid: str) -> Ticket:
        """The first follower to scan holds it, and may look again. Raises TicketGone or TooManyTickets."""
        ticket, kept = self._kept(name)
        if ticket.state == "new":
            self._count(f"scan-scanned:{openid}", MOST_SCANS)
            held = replace(ticket, state="scanned", openid=openid, digits=f"{secrets.randbelow(90) + 10}")
            return self._step(name, kept, held)
        if ticket.openid != openid:
            raise TicketGone("scanned by somebody else")
        return ticket

    def answer(self, name: str, openid: str, *, yes: bool) -> Ticket:
        """By the follower who scanned, once. Raises TicketGone."""
        ticket, kept = self._kept(name)
        if ticket.state != "scanned" or ticket.openid != openid:
            raise TicketGone("not to be answered by this follower now")
        return self._step(name, kept, replace(ticket, state="confirmed" if yes else "refused"))

    def claim(self, asked: Asked) -> Ticket:
        """The confirmed ticket, used up: who has it is ``openid``. Raises TicketGone."""
        ticket, kept = self._own(asked)
        if ticket.state != "confirmed" or not self._store.delete_if(_key(asked.name), kept):
            raise TicketGone("not confirmed, or used already")
        return ticket

    def _step(self, name: str, kept: bytes, ticket: Ticket) -> Ticket:
        if not self._store.swap(_key(name), kept, _written(ticket), ttl_s=LIFE_S):
            raise TicketGone("somebody was faster")
        return ticket

    def _own(self, asked: Asked) -> tuple[Ticket, bytes]:
        ticket, kept = self._kept(asked.name)
        if not hmac.compare_digest(ticket.claim, _hash(asked.word)):
            raise TicketGone("another browser asked for it")
        return ticket, kept

    def _kept(self, name: str) -> tuple[Ticket, bytes]:
        kept = self._store.get(_key(name))
        if kept is None:
            raise TicketGone("no such ticket")
        return Ticket(**json.loads(kept)), kept

    def _count(self, key: str, most: int) -> None:
        if self._store.increment(key, ttl_s=_MINUTE_S) > most:
            raise TooManyTickets(f"more than {most} a minute")


def _key(name: str) -> str:
    return f"scan:{name}"


def _hash(word: str) -> str:
    return sha256(word.encode()).hexdigest()


def _written(ticket: Ticket) -> bytes:
    return json.dumps(asdict(ticket), sort_keys=True).encode()
