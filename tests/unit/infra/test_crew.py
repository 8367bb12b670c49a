"""Threads for a loop's work, on a real loop. Jobs wait for what the test sets; nothing sleeps."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.crew import AWAKE, OVERTAKEN, STUCK_AT_LEISURE_S, Crew

PATIENCE_S = 10


@dataclass(eq=False)
class Job:
    """Waits for ``go`` unless that is set, and fails with ``error``."""

    name: str = ""
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


def ready(name: str = "", error: BaseException | None = None) -> Job:
    job = Job(name, error=error)
    job.go.set()
    return job


class Yard:
    """A crew, what it did, and where."""

    def __init__(self, *, workers: int = 2, waiting: int = 2) -> None:
        self.done: list[Job] = []
        self.told_on: set[int] = set()
        self.crew: Crew[Job] = Crew("test", self._work, self._done, workers=workers, waiting=waiting)
        self.names: list[str] = []
        self.raises: list[Exception] = []

    def _work(self, job: Job) -> None:
        self.names.append(threading.current_thread().name)
        job.begun.set()
        try:
            assert job.go.wait(PATIENCE_S)
            if job.error is not None:
                raise job.error
        finally:
            job.ended.set()

    def _done(self, job: Job) -> None:
        self.told_on.add(threading.get_ident())
        self.done.append(job)
        if self.raises:
            raise self.raises.pop()

    async def all_done(self, count: int) -> None:
        await until(lambda: len(self.done) >= count, f"{count} jobs")


async def until(look: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0)


def alive(yard: Yard) -> list[bool]:
    """Of each thread."""
    return [hand.thread is not None and hand.thread.is_alive() for hand in yard.crew._hands]


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 2 * PATIENCE_S))


@pytest.fixture
def yard() -> Iterator[Yard]:
    made = Yard()
    yield made
    made.crew.close(wait=False)


def test_it_is_told_on_the_loops_thread_what_is_done(yard: Yard) -> None:
    async def story() -> None:
        jobs = [ready(), ready()]
        assert all(yard.crew.take(job) for job in jobs)
        await yard.all_done(2)
        assert set(yard.done) == set(jobs)
        assert yard.told_on == {threading.get_ident()}

    run(story)


def test_what_finds_no_room_is_not_taken_until_there_is_some(yard: Yard) -> None:
    async def story() -> None:
        jobs = [Job() for _ in range(4)]
        assert all(yard.crew.take(job) for job in jobs)
        assert not yard.crew.take(ready("too much"))
        jobs[0].go.set()
        await yard.all_done(1)
        assert yard.crew.take(ready())
        assert not yard.crew.take(ready("too much"))
        for job in jobs:
            job.go.set()
        await yard.all_done(5)
        assert "too much" not in [job.name for job in yard.done]

    run(story)


def test_one_job_at_a_time_needs_one_thread(yard: Yard) -> None:
    async def story() -> None:
        for number in range(1, 20):
            assert yard.crew.take(ready())
            await yard.all_done(number)
        assert set(yard.names) == {"test_0"}

    run(story)


def test_jobs_at_a_time_have_a_thread_each_and_never_more_than_there_may_be(yard: Yard) -> None:
    async def story() -> None:
        jobs = [Job() for _ in range(4)]
        assert all(yard.crew.take(job) for job in jobs)
        await until(lambda: len(yard.names) == 2, "two threads")
        assert [job.begun.is_set() for job in jobs] == [True, True, False, False]
        for job in jobs:
            job.go.set()
        await yard.all_done(4)
        assert set(yard.names) == {"test_0", "test_1"}

    run(story)


def test_many_jobs_that_get_on_share_a_few_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.crew.STUCK_AT_LEISURE_S", PATIENCE_S)  # however busy the machine

    async def story() -> None:
        yard = Yard(workers=16, waiting=100)
        for number in range(1, 11):
            jobs = [ready() for _ in range(OVERTAKEN - 1)]
            assert all(yard.crew.take(job) for job in jobs)
            assert all(job.ended.wait(PATIENCE_S) for job in jobs)  # the loop stands still here
            await yard.all_done(number * len(jobs))
            await until(lambda: len(yard.crew._asleep) == len(yard.crew._hands), "their sleep")
        assert len(yard.crew._hands) <= AWAKE
        yard.crew.close()

    run(story)


def test_who_was_busy_last_is_woken_first() -> None:
    async def story() -> None:
        yard = Yard(workers=2)
        first, second = Job(), Job()
        for job in (first, second):
            assert yard.crew.take(job)
            await until(job.begun.is_set, "its beginning")
        for job in (second, first):
            job.go.set()
            await until(lambda done=job: done in yard.done, "its end")  # type: ignore[misc]
            await until(lambda: yard.crew._asleep, "its sleep")
        await until(lambda: len(yard.crew._asleep) == 2, "both asleep")
        assert yard.crew.take(ready())
        await yard.all_done(3)
        assert yard.names == ["test_0", "test_1", "test_0"]
        yard.crew.close()

    run(story)


def test_others_do_the_work_while_all_are_stuck() -> None:
    """Also that of the last job: nobody comes after it who would have a look."""

    async def story() -> None:
        yard = Yard(workers=4, waiting=4)
        stuck = [Job() for _ in range(3)]
        for job in stuck:
            assert yard.crew.take(job)
        await until(lambda: all(job.begun.is_set() for job in stuck), "three threads")
        quick = [ready() for _ in range(4)]
        assert all(yard.crew.take(job) for job in quick)
        await yard.all_done(4)
        assert set(yard.done) == set(quick)
        for job in stuck:
            job.go.set()
        await yard.all_done(7)
        assert len(yard.crew._hands) == 4
        yard.crew.close()

    run(story)


def test_where_nobody_stands_in_line_those_who_need_long_are_replaced_at_once() -> None:
    """The next job does not wait until somebody looks: the loop stands still here."""

    async def story() -> None:
        yard = Yard(workers=4)
        stuck = [Job() for _ in range(AWAKE)]
        assert all(yard.crew.take(job) for job in stuck)
        await until(lambda: all(job.begun.is_set() for job in stuck), "their beginning")
        await asyncio.sleep(STUCK_AT_LEISURE_S)
        quick = ready()
        assert yard.crew.take(quick)
        assert quick.ended.wait(PATIENCE_S)
        for job in stuck:
            job.go.set()
        await yard.all_done(AWAKE + 1)
        yard.crew.close()

    run(story)


def test_somebody_takes_the_place_of_who_is_overtaken_by_many() -> None:
    """One gets on, so nothing stands still; but two jobs at a time were promised."""

    async def story() -> None:
        yard = Yard(workers=4, waiting=4)
        stuck, done = Job(), 0
        assert yard.crew.take(stuck)
        await until(stuck.begun.is_set, "its beginning")
        while done <= OVERTAKEN:
            assert yard.crew.take(ready())
            done += 1
            await yard.all_done(done)
        pair = [Job(), Job()]
        assert all(yard.crew.take(job) for job in pair)
        assert all(job.begun.wait(PATIENCE_S) for job in pair)  # the loop stands still: nobody looks again
        for job in (stuck, *pair):
            job.go.set()
        await yard.all_done(done + 3)
        yard.crew.close()

    run(story)


def test_jobs_that_end_together_are_all_told(yard: Yard) -> None:
    """Also those that end between the loop's waking and its looking."""

    async def story() -> None:
        taken = 0
        while taken < 3_000:
            if yard.crew.take(ready()):
                taken += 1
            else:
                await asyncio.sleep(0)
        await yard.all_done(taken)
        assert len(set(yard.done)) == taken and yard.crew._in_hand == 0

    run(story)


def test_jobs_that_end_while_the_loop_is_busy_hardly_wake_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        yard, woken = Yard(waiting=100), itertools.count()
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def counted(*told: Any) -> Any:
            next(woken)
            return wake(*told)

        monkeypatch.setattr(loop, "call_soon_threadsafe", counted, raising=False)
        jobs = [ready() for _ in range(100)]
        assert all(yard.crew.take(job) for job in jobs)
        assert all(job.ended.wait(PATIENCE_S) for job in jobs)  # the loop stands still here
        await yard.all_done(100)
        assert next(woken) <= 4  # each thread's first and last job at the most
        yard.crew.close()

    run(story)


@pytest.mark.parametrize("error", [RuntimeError("broken"), SystemExit(1), KeyboardInterrupt()])
def test_work_that_raises_costs_neither_its_thread_nor_its_place(error: BaseException) -> None:
    async def story() -> None:
        yard = Yard(workers=1, waiting=0)
        for number in range(1, 4):
            assert yard.crew.take(ready(error=error))
            await yard.all_done(number)
        assert yard.crew.take(ready("good"))
        await yard.all_done(4)
        assert yard.names == ["test_0"] * 4
        yard.crew.close()

    run(story)


def test_who_breaks_at_being_told_does_not_keep_the_others_from_it(yard: Yard) -> None:
    async def story() -> None:
        yard.raises.append(RuntimeError("broken"))
        jobs = [ready() for _ in range(4)]
        for job in jobs:
            yard.crew.take(job)
        assert all(job.ended.wait(PATIENCE_S) for job in jobs)
        await yard.all_done(4)
        assert yard.crew._in_hand == 0 and not yard.raises

    run(story)


class NoThread(threading.Thread):
    """What a system does that has none left."""

    def start(self) -> None:
        raise RuntimeError("can't start new thread")


def test_without_a_thread_nothing_is_taken_and_with_one_all_goes_by_that(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("infra.crew.threading.Thread", NoThread)
            assert not yard.crew.take(ready())
        first = Job()
        assert yard.crew.take(first)
        with monkeypatch.context() as patch:
            patch.setattr("infra.crew.threading.Thread", NoThread)
            assert yard.crew.take(ready())
        first.go.set()
        await yard.all_done(2)
        assert set(yard.names) == {"test_0"}
        yard.crew.close()

    run(story)


def test_closing_waits_for_all_that_was_taken(yard: Yard) -> None:
    async def story() -> None:
        jobs = [Job() for _ in range(4)]
        for job in jobs:
            yard.crew.take(job)
        closing = asyncio.ensure_future(asyncio.to_thread(yard.crew.close))
        await until(lambda: yard.crew._closed, "its beginning to close")
        assert not yard.crew.take(ready())
        for job in jobs:
            job.go.set()
        await closing
        assert not any(alive(yard))
        await yard.all_done(4)

    run(story)


def test_closing_at_once_drops_what_has_not_begun(yard: Yard) -> None:
    async def story() -> None:
        jobs = [Job() for _ in range(4)]
        for job in jobs:
            yard.crew.take(job)
        assert all(job.begun.wait(PATIENCE_S) for job in jobs[:2])
        yard.crew.close(wait=False)
        yard.crew.close(wait=False)
        for job in jobs:
            job.go.set()
        await yard.all_done(2)
        await until(lambda: not any(alive(yard)), "the threads' end")
        assert set(yard.done) == set(jobs[:2])

    run(story)


def test_a_crew_that_was_never_asked_closes(yard: Yard) -> None:
    yard.crew.close()
    assert not alive(yard)


def test_a_job_that_ends_after_the_loop_is_nobodys_matter(yard: Yard) -> None:
    job = Job()

    async def story() -> None:
        assert yard.crew.take(job)
        await until(job.begun.is_set, "its beginning")

    run(story)
    job.go.set()
    yard.crew.close()
    assert not yard.done
