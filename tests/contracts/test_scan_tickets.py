"""The tickets of the login by a code, on both stores: single use, bound to who asked and to who scanned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from handlers.scan_tickets import MOST_SCANS, MOST_TICKETS, Asked, TicketGone, Tickets, TooManyTickets
from infra.keyvalue import KeyValueStore

LIN, MEI = "oLin_follower_0000000000001a", "oMei_follower_0000000000002b"


@pytest.fixture
def tickets(store: KeyValueStore) -> Tickets:
    return Tickets(store)


@pytest.fixture
def asked(tickets: Tickets) -> Asked:
    return tickets.ask("/me", "Windows · Chrome", "203.0.113.7")


def test_asked_scanned_confirmed_claimed_once(tickets: Tickets, asked: Asked) -> None:
    assert tickets.look(asked).state == "new" and tickets.look(asked).digits == ""
    scanned = tickets.scan(asked.name, LIN)
    assert len(scanned.digits) == 2 and tickets.look(asked).digits == scanned.digits
    tickets.answer(asked.name, LIN, yes=True)
    claimed = tickets.claim(asked)
    assert (claimed.openid, claimed.back_to) == (LIN, "/me")
    for again in (tickets.claim, tickets.look):
        with pytest.raises(TicketGone):
            again(asked)


def test_who_knows_the_code_alone_cannot_claim_it(tickets: Tickets, asked: Asked) -> None:
    tickets.scan(asked.name, LIN)
    tickets.answer(asked.name, LIN, yes=True)
    for word in ("", "another", asked.name):
        with pytest.raises(TicketGone):
            tickets.claim(Asked(asked.name, word))
        with pytest.raises(TicketGone):
            tickets.look(Asked(asked.name, word))
    assert tickets.claim(asked).openid == LIN


def test_what_is_not_confirmed_is_not_claimed(tickets: Tickets, asked: Asked) -> None:
    with pytest.raises(TicketGone):
        tickets.claim(asked)
    tickets.scan(asked.name, LIN)
    with pytest.raises(TicketGone):
        tickets.claim(asked)
    tickets.answer(asked.name, LIN, yes=False)
    with pytest.raises(TicketGone):
        tickets.claim(asked)
    assert tickets.look(asked).state == "refused"


def test_the_first_who_scans_holds_it_and_answers_once(tickets: Tickets, asked: Asked) -> None:
    digits = tickets.scan(asked.name, LIN).digits
    assert tickets.scan(asked.name, LIN).digits == digits  # the page is refreshed
    with pytest.raises(TicketGone):
        tickets.scan(asked.name, MEI)
    with pytest.raises(TicketGone):
        tickets.answer(asked.name, MEI, yes=True)
    tickets.answer(asked.name, LIN, yes=False)
    with pytest.raises(TicketGone):
        tickets.answer(asked.name, LIN, yes=True)


def test_nobody_confirms_what_they_have_not_scanned(tickets: Tickets, asked: Asked) -> None:
    with pytest.raises(TicketGone):
        tickets.answer(asked.name, LIN, yes=True)
    with pytest.raises(TicketGone):
        tickets.scan("made-up-name", LIN)


def test_of_many_claims_at_once_one_gets_in(tickets: Tickets, asked: Asked) -> None:
    tickets.scan(asked.name, LIN)
    tickets.answer(asked.name, LIN, yes=True)

    def claims(_: int) -> bool:
        try:
            return tickets.claim(asked).openid == LIN
        except TicketGone:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(claims, range(16))) == 1


def test_an_address_and_a_follower_ask_only_so_often(tickets: Tickets) -> None:
    names = [tickets.ask("/me", "", "203.0.113.9").name for _ in range(MOST_TICKETS)]
    with pytest.raises(TooManyTickets):
        tickets.ask("/me", "", "203.0.113.9")
    names.append(tickets.ask("/me", "", "203.0.113.10").name)
    for name in names[:MOST_SCANS]:
        tickets.scan(name, LIN)
    with pytest.raises(TooManyTickets):
        tickets.scan(names[MOST_SCANS], LIN)
    assert tickets.scan(names[MOST_SCANS], MEI).openid == MEI
