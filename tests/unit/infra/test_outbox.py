"""The outbox: what a transaction promised is told once, repeated after faults, and given up in the end."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from infra import outbox as room
from infra.clock import ManualClock
from infra.database import Database
from infra.errors import Unavailable
from infra.outbox import LONGEST_DEFERRAL_S, MAX_TRIES, Deferred, Outbox, Parcel, Undeliverable


def put(database: Database, clock: ManualClock, key: str = "receipt:1", topic: str = "receipt") -> bool:
    with database.transaction() as conn:
        return room.put(conn, topic=topic, key=key, payload={"to": "小林🎉"}, now=clock.now())


class Receiver:
    """Takes parcels, failing with each of the ``faults`` first."""

    def __init__(self, *faults: Exception) -> None:
        self.taken: list[Parcel] = []
        self._faults = list(faults)

    def __call__(self, parcel: Parcel) -> None:
        if self._faults:
            raise self._faults.pop(0)
        self.taken.append(parcel)


def deliver(database: Database, clock: ManualClock, receiver: Receiver) -> int:
    return Outbox(database, clock).deliver({"receipt": receiver})


def test_a_parcel_is_delivered_once(database: Database, clock: ManualClock) -> None:
    put(database, clock)
    receiver = Receiver()
    assert [deliver(database, clock, receiver) for _ in range(3)] == [1, 0, 0]
    assert [(parcel.key, parcel.payload) for parcel in receiver.taken] == [("receipt:1", {"to": "小林🎉"})]


def test_the_same_key_is_put_once(database: Database, clock: ManualClock) -> None:
    assert [put(database, clock) for _ in range(3)] == [True, False, False]
    assert deliver(database, clock, Receiver()) == 1


def test_a_transaction_that_is_taken_back_promises_nothing(database: Database, clock: ManualClock) -> None:
    with pytest.raises(RuntimeError), database.transaction() as conn:
        room.put(conn, topic="receipt", key="k", payload={}, now=clock.now())
        raise RuntimeError
    assert deliver(database, clock, Receiver()) == 0


def test_parcels_go_in_the_order_in_which_they_were_put(db: Database, clock: ManualClock) -> None:
    for number in range(5):
        put(db, clock, key=f"k{number}")
    receiver = Receiver()
    deliver(db, clock, receiver)
    assert [parcel.key for parcel in receiver.taken] == ["k0", "k1", "k2", "k3", "k4"]


def test_what_nobody_handles_waits(db: Database, clock: ManualClock) -> None:
    put(db, clock, topic="elsewhere")
    assert deliver(db, clock, Receiver()) == 0
    assert len(Outbox(db, clock).waiting()) == 1


def test_a_fault_is_repeated_later_and_later(db: Database, clock: ManualClock) -> None:
    put(db, clock)
    receiver = Receiver(Unavailable("no network"), Unavailable("no network"))
    assert deliver(db, clock, receiver) == 0
    assert deliver(db, clock, receiver) == 0, "not before its pause"
    clock.advance(5)
    assert deliver(db, clock, receiver) == 0
    clock.advance(9)
    assert deliver(db, clock, receiver) == 0, "the second pause is longer"
    clock.advance(1)
    assert deliver(db, clock, receiver) == 1


def test_a_handler_that_breaks_does_not_stop_the_others(db: Database, clock: ManualClock) -> None:
    put(db, clock, key="breaks")
    put(db, clock, key="fine")
    receiver = Receiver(ZeroDivisionError("a mistake of ours"))
    assert deliver(db, clock, receiver) == 1
    assert [parcel.key for parcel in receiver.taken] == ["fine"]


def test_it_gives_up_in_the_end(db: Database, clock: ManualClock) -> None:
    put(db, clock)
    receiver = Receiver(*(Unavailable("never") for _ in range(MAX_TRIES)))
    for _ in range(MAX_TRIES):
        deliver(db, clock, receiver)
        clock.advance(3601)
    assert deliver(db, clock, receiver) == 0
    assert Outbox(db, clock).waiting() == []
    assert receiver.taken == []


def test_what_cannot_be_delivered_is_not_tried_again(db: Database, clock: ManualClock) -> None:
    put(db, clock)
    receiver = Receiver(Undeliverable("has left"))
    deliver(db, clock, receiver)
    clock.advance(86_400)
    assert deliver(db, clock, receiver) == 0


def everybody(parcels: Sequence[Parcel]) -> Collection[Parcel]:
    return parcels


def nobody(_parcels: Sequence[Parcel]) -> Collection[Parcel]:
    return []


def test_what_waits_for_its_receiver_is_released_when_they_are_ready(
    database: Database, clock: ManualClock
) -> None:
    put(database, clock)
    box, receiver = Outbox(database, clock), Receiver(Deferred("has not written"))
    assert deliver(database, clock, receiver) == 0
    clock.advance(86_400)
    assert (box.release(nobody), deliver(database, clock, receiver)) == (0, 0)
    assert [parcel.key for parcel in box.waiting()] == ["receipt:1"]
    assert (box.release(everybody), deliver(database, clock, receiver)) == (1, 1)
    assert (box.release(everybody), box.waiting()) == (0, [])


def test_waiting_for_the_receiver_is_no_failed_try(db: Database, clock: ManualClock) -> None:
    put(db, clock)
    box = Outbox(db, clock)
    receiver = Receiver(*(Deferred("has not written") for _ in range(3 * MAX_TRIES)))
    for _ in range(3 * MAX_TRIES):
        assert deliver(db, clock, receiver) == 0
        assert [parcel.tries for parcel in box.waiting()] == [0]
        box.release(everybody)
    assert deliver(db, clock, receiver) == 1


def test_waiting_ends_after_a_week(db: Database, clock: ManualClock) -> None:
    put(db, clock)
    box = Outbox(db, clock)
    deliver(db, clock, Receiver(Deferred("has not written")))
    clock.advance(LONGEST_DEFERRAL_S - 1)
    assert (box.release(nobody), len(box.waiting())) == (0, 1)
    clock.advance(1)
    assert (box.release(everybody), box.waiting()) == (0, [])
    assert deliver(db, clock, Receiver()) == 0


def test_those_who_are_never_ready_do_not_stand_before_the_others(db: Database, clock: ManualClock) -> None:
    for number in range(7):
        put(db, clock, key=f"k{number}")
    deliver(db, clock, Receiver(*(Deferred("has not written") for _ in range(7))))
    box = Outbox(db, clock)

    def only_the_last(parcels: Sequence[Parcel]) -> Collection[Parcel]:
        return [parcel for parcel in parcels if parcel.key == "k6"]

    assert [box.release(only_the_last, limit=3) for _ in range(3)] == [0, 0, 1]
    assert [box.release(only_the_last, limit=3) for _ in range(2)] == [0, 0]


def test_what_waits_for_its_receiver_keeps_nobody_waiting(db: Database, clock: ManualClock) -> None:
    for number in range(60):
        put(db, clock, key=f"k{number}")
        deliver(db, clock, Receiver(Deferred("has not written")))
    put(db, clock, key="new")
    receiver = Receiver()
    assert deliver(db, clock, receiver) == 1
    assert [parcel.key for parcel in receiver.taken] == ["new"]


def test_a_store_that_cannot_tell_who_is_ready_stops_nothing(db: Database, clock: ManualClock) -> None:
    def silent(_parcels: Sequence[Parcel]) -> Collection[Parcel]:
        raise Unavailable("the store does not answer")

    put(db, clock)
    deliver(db, clock, Receiver(Deferred("has not written")))
    box = Outbox(db, clock)
    assert (box.release(silent), len(box.waiting())) == (0, 1)


def test_nothing_of_a_receiver_who_has_to_do_something_is_an_error(db: Database, clock: ManualClock) -> None:
    for number, fault in enumerate([Deferred("has not written"), Undeliverable("has left")]):
        put(db, clock, key=f"k{number}")
        with structlog.testing.capture_logs() as logs:
            deliver(db, clock, Receiver(fault))
        assert [line["log_level"] for line in logs] in (["info"], ["warning"])
    clock.advance(LONGEST_DEFERRAL_S)
    with structlog.testing.capture_logs() as logs:
        Outbox(db, clock).release(everybody)
    assert [(line["event"], line["log_level"]) for line in logs] == [("outbox_waited_in_vain", "warning")]


def test_a_worker_that_died_with_a_parcel_is_followed_by_another(db: Database, clock: ManualClock) -> None:
    put(db, clock)

    class Died(BaseException):
        """As SIGKILL would: no code of ours runs after it."""

    def dies(_parcel: Parcel) -> None:
        raise Died

    with pytest.raises(Died):
        Outbox(db, clock).deliver({"receipt": dies})
    receiver = Receiver()
    assert deliver(db, clock, receiver) == 0, "its lease runs"
    clock.advance(61)
    assert deliver(db, clock, receiver) == 1


def test_two_workers_at_once_never_both_deliver(database: Database, clock: ManualClock) -> None:
    for number in range(20):
        put(database, clock, key=f"k{number}")
    receiver, start = Receiver(), threading.Barrier(4)

    def work(_number: int) -> int:
        start.wait()
        return deliver(database, clock, receiver)

    with ThreadPoolExecutor(4) as workers:
        counts = list(workers.map(work, range(4)))
    assert sum(counts) == 20
    assert sorted(parcel.key for parcel in receiver.taken) == sorted(f"k{number}" for number in range(20))
