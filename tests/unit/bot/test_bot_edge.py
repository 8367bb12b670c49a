"""The edge on a real loop and real threads. Handlers wait on events that the test sets; nothing sleeps."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import Conversation, Conversations
from bot.deadline import Budget, Turn
from bot.edge import LINE, Answerer
from bot.letter import Letter
from bot.recall import LEASE_S
from bot.webhook import Webhook
from bot.wire import SUCCESS, WireResponse
from commands.serving import _drain
from infra.clock import ManualClock
from infra.keyvalue_sqlite import SqliteStore
from infra.pool import BoundedPool
from infra.server import BoundedServer
from tests.unit.bot.pretend_wechat import OPENID, Echo, PretendWeChat, TextMessage, account

OTHER = "oOther" + "x" * 22
PATIENCE_S = 10


@dataclass
class Gate:
    """A handler for ``慢…`` that waits until it is let go, and tells when it has begun."""

    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, message: TextMessage) -> None:
        if message.content.startswith("慢"):
            self.begun.release()
            assert self.go.wait(PATIENCE_S)


@dataclass
class Edge:
    wechat: PretendWeChat
    robot: Echo
    gate: Gate
    store: SqliteStore
    clock: ManualClock
    late: list[tuple[str, str]] = field(default_factory=list)
    sent: threading.Event = field(default_factory=threading.Event)
    wechat_answers: threading.Event = field(default_factory=threading.Event)
    opened: list[Answerer] = field(default_factory=list)

    def answerer(
        self,
        *,
        give_up_s: float = PATIENCE_S,
        workers: int = 4,
        waiting: int = 8,
        late_pool: BoundedPool | None = None,
    ) -> Answerer:
        webhook = Webhook(
            account(),
            self.robot,
            self.store,
            self.clock,
            late=self._late,
            late_pool=late_pool,
            budget=Budget(give_up_s),
        )
        self.opened.append(Answerer(webhook, workers=workers, waiting=waiting))
        return self.opened[-1]

    def _late(self, openid: str, text: str) -> None:
        assert self.wechat_answers.wait(PATIENCE_S)
        self.late.append((openid, text))
        self.sent.set()


@pytest.fixture
def edge(tmp_path: Path, clock: ManualClock) -> Iterator[Edge]:
    gate, store = Gate(), SqliteStore(tmp_path / "kv.db")
    made = Edge(PretendWeChat(clock), Echo(gate), gate, store, clock)
    made.wechat_answers.set()
    yield made
    gate.go.set()
    made.wechat_answers.set()
    for answerer in made.opened:
        answerer.close()
    store.close()


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), PATIENCE_S))


async def begun(gate: Gate) -> None:
    assert await asyncio.to_thread(gate.begun.acquire, timeout=PATIENCE_S)


def test_an_answer_in_time_is_on_the_wire(edge: Edge) -> None:
    async def story() -> None:
        response = await edge.answerer().answer(edge.wechat.text("你好"))
        assert edge.wechat.said(response) == "你说：你好"

    run(story)


def test_a_refusal_needs_no_worker(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(workers=1, waiting=0)
        slow = asyncio.create_task(answerer.answer(edge.wechat.text("慢")))
        await begun(edge.gate)
        assert (await answerer.answer(PretendWeChat(edge.clock, "plain").text())).status == 400
        edge.gate.go.set()
        await slow

    run(story)


def test_a_slow_answer_gives_the_wire_up_and_arrives_as_a_message(edge: Edge) -> None:
    async def story() -> None:
        answerer, request = edge.answerer(give_up_s=0.05), edge.wechat.text("慢")
        assert await answerer.answer(request) == SUCCESS
        assert edge.late == []
        edge.gate.go.set()
        assert await asyncio.to_thread(edge.sent.wait, PATIENCE_S)
        assert edge.late == [(OPENID, "你说：慢")]
        assert await answerer.answer(request) == SUCCESS
        assert edge.robot.handled == ["慢"]

    run(story)


def test_a_repeat_waits_for_the_first_and_gets_its_reply(edge: Edge) -> None:
    async def story() -> None:
        answerer, request = edge.answerer(), edge.wechat.text("慢")
        first = asyncio.create_task(answerer.answer(request))
        await begun(edge.gate)
        repeats = [asyncio.create_task(answerer.answer(request)) for _ in range(3)]
        edge.gate.go.set()
        said = {edge.wechat.said(response) for response in await asyncio.gather(first, *repeats)}
        assert said == {"你说：慢"}
        assert edge.robot.handled == ["慢"]

    run(story)


def test_a_repeat_at_another_process_waits_too(edge: Edge) -> None:
    async def story() -> None:
        here, there, request = edge.answerer(), edge.answerer(), edge.wechat.text("慢")
        first = asyncio.create_task(here.answer(request))
        await begun(edge.gate)
        repeat = asyncio.create_task(there.answer(request))
        edge.gate.go.set()
        said = {edge.wechat.said(response) for response in await asyncio.gather(first, repeat)}
        assert said == {"你说：慢"}
        assert edge.robot.handled == ["慢"]

    run(story)


def test_a_repeat_of_what_is_late_waits_no_longer_than_the_budget(edge: Edge) -> None:
    async def story() -> None:
        here, there, request = edge.answerer(), edge.answerer(give_up_s=0.05), edge.wechat.text("慢")
        first = asyncio.create_task(here.answer(request))
        await begun(edge.gate)
        assert await there.answer(request) == SUCCESS
        edge.gate.go.set()
        assert edge.wechat.said(await first) == "你说：慢"
        assert edge.late == []

    run(story)


def test_one_followers_messages_are_answered_in_their_order(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer()
        texts = ["慢", "二", "三", "四"]
        tasks = [asyncio.create_task(answerer.answer(edge.wechat.text(text))) for text in texts]
        await begun(edge.gate)
        edge.gate.go.set()
        await asyncio.gather(*tasks)
        assert edge.robot.handled == texts

    run(story)


def test_another_follower_does_not_wait(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer()
        slow = asyncio.create_task(answerer.answer(edge.wechat.text("慢")))
        await begun(edge.gate)
        quick = await answerer.answer(edge.wechat.text("快", openid=OTHER))
        assert edge.wechat.said(quick) == "你说：快"
        edge.gate.go.set()
        await slow

    run(story)


def test_a_full_pool_apologises_at_once(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(workers=1, waiting=0)
        slow = asyncio.create_task(answerer.answer(edge.wechat.text("慢")))
        await begun(edge.gate)
        shed = await answerer.answer(edge.wechat.text("快", openid=OTHER))
        assert edge.wechat.said(shed) == "抱歉（error.busy）"
        edge.gate.go.set()
        await slow
        again = await answerer.answer(edge.wechat.text("再来", openid=OTHER))
        assert edge.wechat.said(again) == "你说：再来"

    run(story)


def test_a_follower_who_floods_is_told_to_wait(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer()
        tasks = [asyncio.create_task(answerer.answer(edge.wechat.text(f"慢{n}"))) for n in range(LINE + 3)]
        await begun(edge.gate)
        edge.gate.go.set()
        said = [edge.wechat.said(response) for response in await asyncio.gather(*tasks)]
        assert said.count("抱歉（error.busy）") == 2
        assert len(edge.robot.handled) == LINE + 1

    run(story)


def test_a_late_worker_keeps_its_claim(edge: Edge) -> None:
    """The edge prolongs it, so a repeat after the first lease does not start the work again."""
    prolonged = threading.Event()

    class Watched(SqliteStore):
        def swap(self, key: str, old: bytes | None, new: bytes, *, ttl_s: float) -> bool:
            done = super().swap(key, old, new, ttl_s=ttl_s)
            if key.startswith("seen:") and done and ttl_s > LEASE_S:
                prolonged.set()
            return done

    edge.store = Watched(edge.store._path)

    async def story() -> None:
        assert await edge.answerer(give_up_s=0.05).answer(edge.wechat.text("慢")) == SUCCESS
        assert await asyncio.to_thread(prolonged.wait, PATIENCE_S)

    run(story)


def test_a_caller_that_goes_away_stops_nobody(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer()
        gone = asyncio.create_task(answerer.answer(edge.wechat.text("慢")))
        await begun(edge.gate)
        gone.cancel()
        following = asyncio.create_task(answerer.answer(edge.wechat.text("二")))
        edge.gate.go.set()
        assert edge.wechat.said(await following) == "你说：二，上次：慢"
        assert edge.robot.handled == ["慢", "二"]

    run(story)


def test_k_deliveries_to_two_processes_at_once_have_one_effect(edge: Edge) -> None:
    doors = [
        Webhook(
            account(), edge.robot, edge.store, edge.clock, late=lambda *_: None, budget=Budget(PATIENCE_S)
        )
        for _ in range(2)
    ]
    request = edge.wechat.text("买 1")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: doors[n % 2].receive(request), range(16)))
    assert {edge.wechat.said(answer) for answer in answers} == {"你说：买 1"}
    assert edge.robot.handled == ["买 1"]


def test_each_gives_the_wire_up_at_its_own_time_in_whatever_order_they_end(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.3)
        order: list[str] = []

        async def ask(text: str, openid: str) -> WireResponse:
            response = await answerer.answer(edge.wechat.text(text, openid=openid))
            order.append(text)
            return response

        first = asyncio.create_task(ask("慢一", f"{OTHER[:-1]}1"))
        await begun(edge.gate)
        quick = await ask("快", f"{OTHER[:-1]}2")
        last = asyncio.create_task(ask("慢二", f"{OTHER[:-1]}3"))
        await begun(edge.gate)
        assert edge.wechat.said(quick) == "你说：快"
        assert [await first, await last] == [SUCCESS, SUCCESS]
        assert order == ["快", "慢一", "慢二"]
        edge.gate.go.set()

    run(story)


def test_of_what_is_answered_nothing_is_held_though_an_older_one_is_waited_for(edge: Edge) -> None:
    async def story() -> None:
        answerer, letters = edge.answerer(), []
        work = answerer._webhook.answer

        def watched(letter: Letter, turn: Turn) -> WireResponse:
            letters.append(weakref.ref(letter.message))
            return work(letter, turn)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(answerer._webhook, "answer", watched)
            slow = asyncio.create_task(answerer.answer(edge.wechat.text("慢")))
            await begun(edge.gate)
            for number in range(20):
                await answerer.answer(edge.wechat.text(f"快{number}", openid=OTHER))
        gc.collect()
        assert len(answerer._on_wire._lit) == 1
        # The slow one, and what a thread that waits for work has at hand still.
        assert sum(letter() is not None for letter in letters) <= 1 + 4
        edge.gate.go.set()
        await slow
        assert not answerer._on_wire._lit and not answerer._lines

    run(story)


def test_behind_a_late_one_the_line_stays_in_order_and_all_of_it_arrives(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.05)
        texts = ["慢", "二", "三"]
        asked = [asyncio.create_task(answerer.answer(edge.wechat.text(text))) for text in texts]
        await begun(edge.gate)
        assert await asyncio.gather(*asked) == [SUCCESS] * 3
        assert edge.late == [] and answerer._lines
        edge.gate.go.set()
        while len(edge.late) < 3:
            edge.sent.clear()
            if len(edge.late) < 3:
                assert await asyncio.to_thread(edge.sent.wait, PATIENCE_S)
        assert [text.split("，")[0] for _, text in edge.late] == ["你说：慢", "你说：二", "你说：三"]
        assert edge.robot.handled == texts
        # Whoever comes then is answered on the wire again.
        while answerer._lines:
            await asyncio.sleep(0)
        said = edge.wechat.said(await answerer.answer(edge.wechat.text("四")))
        assert said.startswith("你说：四")

    run(story)


def test_a_handler_that_ends_its_thread_ends_neither_the_line_nor_the_crew(edge: Edge) -> None:
    class Leaver(Echo):
        def _echo(self, message: TextMessage, session: Conversation) -> str:
            if message.content.startswith("退"):
                raise SystemExit(1)
            return super()._echo(message, session)

    async def story() -> None:
        edge.robot = Leaver(edge.gate)
        answerer = edge.answerer(workers=1, waiting=2)
        for number in range(4):
            leaving = asyncio.create_task(answerer.answer(edge.wechat.text(f"退{number}")))
            behind = asyncio.create_task(answerer.answer(edge.wechat.text("在")))
            assert await leaving == SUCCESS
            assert edge.wechat.said(await behind).startswith("你说：在")
        assert not answerer._lines

    run(story)


def test_without_threads_it_apologises(edge: Edge) -> None:
    class NoThread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    async def story() -> None:
        answerer = edge.answerer()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("infra.crew.threading.Thread", NoThread)
            assert edge.wechat.said(await answerer.answer(edge.wechat.text())) == "抱歉（error.busy）"
        assert edge.wechat.said(await answerer.answer(edge.wechat.text("好"))) == "你说：好"

    run(story)


# What is still to be said when the wire has had its answer


def test_a_restart_waits_for_what_was_promised(edge: Edge) -> None:
    """The wire got `success`, so WeChat will not ask again."""

    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.05, late_pool=BoundedPool("late", workers=1, waiting=4))
        edge.wechat_answers.clear()
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS
        drained = asyncio.create_task(answerer.drained())
        await asyncio.wait([drained], timeout=0.05)
        assert not drained.done()
        edge.gate.go.set()
        while answerer._lines:  # its handler is done; the message is on its way
            await asyncio.sleep(0)
        await asyncio.wait([drained], timeout=0.05)
        assert not drained.done()
        edge.wechat_answers.set()
        await drained
        assert edge.late == [(OPENID, "你说：慢")]
        answerer.close(wait=False)

    run(story)


def test_a_service_that_is_told_to_stop_drains_its_door_too(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS  # no caller is left on the wire
        asyncio.get_running_loop().call_later(0.05, edge.gate.go.set)
        await _drain(BoundedServer(lambda _request: None), answerer)
        assert edge.late == [(OPENID, "你说：慢")]

    run(story)


def test_what_a_restart_cannot_wait_for_is_owed_a_word(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS
        assert await answerer.answer(edge.wechat.text("二")) == SUCCESS  # it stands behind
        answerer.close(wait=False)
        after = edge.answerer()
        said = edge.wechat.said(await after.answer(edge.wechat.text("在吗")))
        assert said.count("抱歉（late.again）") == 2 and said.endswith("你说：在吗")

    run(story)


def test_sending_late_holds_up_neither_the_follower_nor_the_workers(edge: Edge) -> None:
    async def story() -> None:
        pool = BoundedPool("late", workers=1, waiting=4)
        answerer = edge.answerer(give_up_s=0.5, workers=1, waiting=2, late_pool=pool)
        edge.wechat_answers.clear()
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS
        edge.gate.go.set()
        for openid in (OPENID, OTHER):
            said = edge.wechat.said(await answerer.answer(edge.wechat.text("快", openid=openid)))
            assert said.startswith("你说：快")
        assert edge.late == []
        edge.wechat_answers.set()
        await answerer.drained()
        assert edge.late == [(OPENID, "你说：慢")]

    run(story)


def test_where_no_thread_is_left_for_a_late_answer_the_next_message_takes_it_along(edge: Edge) -> None:
    async def story() -> None:
        pool = BoundedPool("late", workers=1, waiting=0)
        answerer = edge.answerer(give_up_s=0.05, late_pool=pool)
        edge.wechat_answers.clear()
        edge.gate.go.set()
        assert pool.submit(edge.wechat_answers.wait, PATIENCE_S).running()
        door, turn = answerer._webhook, Turn(Budget(0))
        turn.take()
        letter = door.gate.open(edge.wechat.text("迟"))
        assert isinstance(letter, Letter)
        assert door.answer(letter, turn) == SUCCESS
        assert not door.sending
        said = edge.wechat.said(await edge.answerer().answer(edge.wechat.text("二")))
        assert "你说：迟" in said and "你说：二" in said
        edge.wechat_answers.set()
        assert edge.late == []

    run(story)


def test_a_repeat_whose_wire_is_given_up_takes_over_from_a_worker_that_died(edge: Edge) -> None:
    moments = [1000.0]
    edge.store = SqliteStore(edge.store._path, now_s=lambda: moments[-1])

    async def story() -> None:
        request = edge.wechat.text("买 1")
        dead = edge.answerer()._webhook.gate.open(request)
        assert isinstance(dead, Letter)
        edge.store.add(dead.key, b"?" + dead.mark, ttl_s=LEASE_S)  # it claimed, and was killed
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(request) == SUCCESS
        while not answerer._looking_again:
            await asyncio.sleep(0)
        assert not answerer._lines  # it holds up nobody
        moments.append(1000.0 + LEASE_S)
        assert await asyncio.to_thread(edge.sent.wait, PATIENCE_S)
        assert edge.late == [(OPENID, "你说：买 1")]
        await answerer.drained()
        assert edge.robot.handled == ["买 1"]

    run(story)


def test_a_repeat_looks_again_for_a_while_and_not_for_ever(
    edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.edge.PATIENCE_S", 0.1)

    async def story() -> None:
        request = edge.wechat.text("慢")
        first = asyncio.create_task(edge.answerer().answer(request))
        await begun(edge.gate)
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(request) == SUCCESS
        await answerer.drained()
        edge.gate.go.set()
        assert edge.wechat.said(await first) == "你说：慢"
        assert edge.late == []

    run(story)


def test_a_repeat_that_looks_again_in_a_full_house_asks_nobody_to_say_it_again(edge: Edge) -> None:
    """Another process works on its message, and will tell the answer."""

    async def story() -> None:
        request = edge.wechat.text("一")
        dead = edge.answerer()._webhook.gate.open(request)
        assert isinstance(dead, Letter)
        edge.store.add(dead.key, b"?" + dead.mark, ttl_s=LEASE_S)  # elsewhere
        answerer = edge.answerer(give_up_s=0.3, workers=1, waiting=0)
        assert await answerer.answer(request) == SUCCESS
        while not answerer._looking_again:
            await asyncio.sleep(0)
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS
        while not any(answerer._lines.values()):  # it looks again, and stands behind
            await asyncio.sleep(0)
        answerer._crew._room = 0  # others were quicker
        edge.gate.go.set()
        while answerer._lines:
            await asyncio.sleep(0)
        await asyncio.to_thread(answerer._errands.close)
        assert "late.again" not in "".join(text for _, text in Conversations(edge.store).load(OPENID).owed)
        assert answerer._looking_again

    run(story)


@pytest.mark.parametrize(
    ("later_s", "words"), [(LEASE_S, 1), (LEASE_S - 1, 0)], ids=["dead", "perhaps alive"]
)
def test_who_looks_again_at_the_end_says_so_when_nobody_works_on_it_any_more(
    edge: Edge, later_s: float, words: int
) -> None:
    moments = [1000.0]
    edge.store = SqliteStore(edge.store._path, now_s=lambda: moments[-1])

    async def story() -> None:
        request = edge.wechat.text("一")
        other = edge.answerer()._webhook.gate.open(request)
        assert isinstance(other, Letter)
        edge.store.add(other.key, b"?" + other.mark, ttl_s=LEASE_S)  # elsewhere
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(request) == SUCCESS
        while not answerer._looking_again:
            await asyncio.sleep(0)
        moments.append(1000.0 + later_s)
        answerer.close(wait=False)  # before it looks again
        owed = "".join(text for _, text in Conversations(edge.store).load(OPENID).owed)
        assert owed.count("late.again") == words

    run(story)


def test_who_was_answered_in_the_last_moment_is_not_asked_again(edge: Edge) -> None:
    async def story() -> None:
        answerer = edge.answerer(give_up_s=0.05)
        assert await answerer.answer(edge.wechat.text("慢")) == SUCCESS
        edge.gate.go.set()
        assert edge.sent.wait(PATIENCE_S)  # the loop hears nothing of it any more
        while not answerer._crew._ended:
            threading.Event().wait(0.001)
        answerer.close(wait=False)
        assert edge.late == [(OPENID, "你说：慢")]
        assert Conversations(edge.store).load(OPENID).owed == ()

    run(story)
