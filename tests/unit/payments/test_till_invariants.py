"""Invariants 1 to 4 and 6 of the till, under random interleavings of all that can happen to it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, event, func, select, union

from infra.clock import ManualClock
from infra.database import Database, metadata
from infra.errors import KebanError
from infra.outbox import Outbox
from payments import refund as refunds_of
from payments.burst import settle_plain
from payments.case import AT_ONCE
from payments.gift_tables import gifts
from payments.offer import Offer
from payments.refund import QUICK_TRIES, Refund
from payments.tables import attempts, grants, orders, postings, refunds
from tests.conftest import MYSQL_URL, POSTGRES_URL, need, own_database, server_answers
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter, new_till
from tests.unit.payments.pretend_gateway import Delivery
from tests.unit.payments.test_till_care import days, refusing, taking
from tests.unit.payments.test_till_given_up import goes_back_after_all
from tests.unit.payments.test_till_kill_points import Killed, Killer

OFFERS = (
    CRAWLER,
    replace(CRAWLER, price_fen=7900),  # the creator edits the price
    replace(CRAWLER, item_id="go-web", price_fen=19900, access="1d"),
    replace(CRAWLER, is_gift=True),
    Offer(
        item_id="starter",
        title="入门套餐",
        price_fen=24900,
        item_kind="bundle",
        contents=(("course", CRAWLER.item_id), ("course", "go-web")),
    ),
    Offer(
        item_id="member",
        title="会员",
        price_fen=29900,
        access="2d",
        item_kind="membership",
        contents=(("all", "*"),),
    ),
)
BASES = ("https://keban.test", "https://elsewhere.test")
PICK = st.integers(min_value=0, max_value=10_000)


class TillMachine(RuleBasedStateMachine):
    """On a SQLite file, new for each example; the servers have a database for all, emptied in between."""

    server_database: ClassVar[Database | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.left_behind = ExitStack()
        self.killer = Killer()
        db = self.server_database or self.own_file()
        event.listen(db.engine, "before_cursor_execute", self.killer.hit)
        event.listen(db.engine, "commit", self.killer.hit)
        self.counter = Counter.opened(db, ManualClock())
        self.gateway = self.counter.gateway
        self.sent: list[Delivery] = []
        self.sent_refunds: list[Delivery] = []
        self.keys_made = 1

    def own_file(self) -> Database:
        folder = self.left_behind.enter_context(tempfile.TemporaryDirectory())
        db = Database(f"sqlite:///{Path(folder)}/keban.db")
        self.left_behind.callback(db.close)
        metadata.create_all(db.engine)
        return db

    def teardown(self) -> None:
        try:
            self.everything_arrives()
            self.check_the_end()
        finally:
            for moment in ("before_cursor_execute", "commit"):
                event.remove(self.counter.db.engine, moment, self.killer.hit)
            if self.server_database is not None:
                empty(self.server_database)
            self.left_behind.close()

    # What can happen

    @initialize(
        openids=st.lists(st.sampled_from([LIN, MEI]), max_size=2, unique=True),
        offer=st.sampled_from(OFFERS),
    )
    def some_have_bought(self, openids: list[str], offer: Offer) -> None:
        """By chance alone few stories come as far as a payment, and fewer to what may follow one."""
        for openid in openids:
            _, out_trade_no = self.counter.bought(openid, offer)
            self.sent.append(self.gateway.payment_notice(out_trade_no))

    @rule(openid=st.sampled_from([LIN, MEI]), offer=st.sampled_from(OFFERS))
    def a_follower_orders(self, openid: str, offer: Any) -> None:
        self.happens(lambda: self.counter.order(openid, offer))

    @precondition(lambda self: self.order_numbers())
    @rule(pick=PICK, base=st.sampled_from(BASES))
    def a_follower_opens_the_pay_sheet(self, pick: int, base: str) -> None:
        order_no, openid = self.pick_order(pick)
        till = new_till(self.counter.db, self.gateway, self.counter.clock, base=base)
        self.happens(lambda: till.prepay(order_no, openid))

    @precondition(lambda self: self.order_numbers())
    @rule(pick=PICK)
    def a_follower_asks_for_a_code_to_scan(self, pick: int) -> None:
        """Changing the way closes the attempt that was made for the other."""
        order_no, openid = self.pick_order(pick)
        self.happens(lambda: self.counter.till.pay_url(order_no, openid, "native"))

    @precondition(lambda self: self.order_numbers())
    @rule(pick=PICK)
    def a_follower_says_that_they_have_paid(self, pick: int) -> None:
        order_no, _ = self.pick_order(pick)
        self.happens(lambda: self.counter.till.insist(order_no))

    @precondition(lambda self: self.order_numbers())
    @rule()
    def the_time_of_all_orders_is_over(self) -> None:
        self.counter.clock.advance(2 * 3600)
        self.happens(self.counter.till.sweep)

    @rule(at_once=st.booleans())
    def the_key_changes(self, at_once: bool) -> None:
        """The platform signs with another key; for a while both are known here, or the old one is refused."""
        self.keys_made += 1
        self.gateway.signs_with = f"key {self.keys_made}"
        self.gateway.knows = {self.gateway.signs_with, *(() if at_once else self.gateway.knows)}

    @rule()
    def the_key_changes_before_it_is_configured(self) -> None:
        """What is signed with it is refused until somebody puts it in; payments are asked about meanwhile."""
        self.keys_made += 1
        self.gateway.signs_with = f"key {self.keys_made}"

    @precondition(lambda self: self.gifts())
    @rule(pick=PICK, openid=st.sampled_from([LIN, MEI]))
    def a_follower_redeems_a_code(self, pick: int, openid: str) -> None:
        found = self.gifts()
        self.happens(lambda: self.counter.till.redeem(openid, found[pick % len(found)].code))

    @precondition(lambda self: self.gifts())
    @rule(pick=PICK)
    def the_buyer_of_a_gift_wants_the_money_back(self, pick: int) -> None:
        found = self.gifts()
        gift = found[pick % len(found)]
        self.happens(lambda: self.counter.till.refund(gift.order_no, None, "不送了", asked_by=gift.buyer))

    @precondition(lambda self: self.gateway.accounts)
    @rule(pick=PICK)
    def a_follower_pays(self, pick: int) -> None:
        out_trade_no = self.pick_account(pick)
        if self.gateway.paid_by_follower(out_trade_no):
            self.sent.append(self.gateway.payment_notice(out_trade_no))

    @precondition(lambda self: self.gateway.accounts)
    @rule(pick=PICK)
    def money_arrives_after_closing(self, pick: int) -> None:
        out_trade_no = self.pick_account(pick)
        if self.gateway.accounts[out_trade_no].state == "CLOSED":
            self.gateway.paid_although_closed(out_trade_no)
            self.sent.append(self.gateway.payment_notice(out_trade_no))

    @precondition(lambda self: self.sent)
    @rule(pick=PICK, times=st.integers(1, 3))
    def a_notification_arrives(self, pick: int, times: int) -> None:
        delivery = self.gateway.signed_now(self.sent[pick % len(self.sent)])
        for _ in range(times):
            self.happens(lambda: self.counter.till.notified(*delivery))

    @precondition(lambda self: len(self.gateway.accounts) > 1)
    @rule()
    def all_that_can_be_paid_is_paid_and_told_together(self) -> None:
        paid = [number for number in self.gateway.accounts if self.gateway.paid_by_follower(number)]
        self.sent += [self.gateway.payment_notice(number) for number in paid]
        if self.sent:
            self.happens(lambda: self.settle_together(self.sent[-AT_ONCE:]))

    def settle_together(self, sent: list[Delivery]) -> None:
        """As the till does it: what is plain in one transaction, and each of the others by itself."""
        deliveries = [self.gateway.signed_now(one) for one in sent]
        notices = [self.gateway.open_payment(*one) for one in deliveries]
        for delivery, settled in zip(deliveries, settle_plain(self.counter.till.desk, notices), strict=True):
            if settled is None:
                self.counter.till.notified(*delivery)

    @precondition(lambda self: self.gateway.accounts)
    @rule(pick=PICK, lie=st.sampled_from([{"total_fen": 1}, {"openid": "oThief"}, {"mch_id": "19"}]))
    def a_notification_lies(self, pick: int, lie: dict[str, Any]) -> None:
        truth = {"state": "SUCCESS", "transaction_id": "42-lie", "total_fen": 9900, "currency": "CNY"}
        out_trade_no = self.pick_account(pick)
        if "openid" in lie and self.gateway.accounts[out_trade_no].request.way != "jsapi":
            return  # outside WeChat anybody may pay for somebody else: that is no lie
        delivery = self.gateway.payment_notice(out_trade_no, **{**truth, **lie})
        self.happens(lambda: self.counter.till.notified(*delivery))

    @precondition(lambda self: self.order_numbers())
    @rule(pick=PICK)
    def a_page_polls(self, pick: int) -> None:
        order_no, _ = self.pick_order(pick)
        self.happens(lambda: self.counter.till.refresh(order_no))

    @rule()
    def the_worker_sweeps(self) -> None:
        self.happens(self.counter.till.sweep)

    @rule(seconds=st.sampled_from([1, 30, 120, 1800, 7200, 86400]))
    def time_passes(self, seconds: int) -> None:
        self.counter.clock.advance(seconds)

    @precondition(lambda self: self.order_numbers())
    @rule(pick=PICK, fen=st.sampled_from([None, 1, 3000, 9900, 99999]))
    def an_operator_refunds(self, pick: int, fen: int | None) -> None:
        order_no, _ = self.pick_order(pick)
        self.happens(lambda: self.counter.till.refund(order_no, fen, "操作员"))

    @precondition(lambda self: self.paid_orders())
    @rule(pick=PICK, fen=st.sampled_from([None, 3000]), is_late=st.booleans())
    def a_refund_is_refused_until_it_is_given_up(self, pick: int, fen: int | None, is_late: bool) -> None:
        paid = self.paid_orders()
        refusing(self.counter)
        try:
            self.happens(lambda: self.counter.till.refund(paid[pick % len(paid)], fen, "不想学了"))
            self.happens(lambda: days(self.counter, QUICK_TRIES))
        finally:
            taking(self.counter)
        if is_late and self.refunds_in("closed"):
            self.one_that_was_given_up_goes_back_after_all(-1)

    @precondition(lambda self: self.refunds_in("closed"))
    @rule(pick=PICK)
    def one_that_was_given_up_goes_back_after_all(self, pick: int) -> None:
        """Its request was long under way; WeChat Pay takes it if the payment still holds the sum."""
        closed = self.refunds_in("closed")
        refund = closed[pick % len(closed)]
        if self.gateway.down or refund.out_refund_no in self.gateway.refunds:
            return
        try:
            goes_back_after_all(self.counter, refund)
        except KebanError:
            return  # another refund was before it, or the answer was lost
        self.sent_refunds.append(self.gateway.refund_notice(refund.out_refund_no))

    @precondition(lambda self: self.refunds_in("created", "processing"))
    @rule(pick=PICK)
    def an_operator_tries_again(self, pick: int) -> None:
        waiting = self.refunds_in("created", "processing")
        self.happens(lambda: self.counter.till.try_again(waiting[pick % len(waiting)].out_refund_no))

    @precondition(lambda self: self.gateway.refunds)
    @rule(pick=PICK, state=st.sampled_from(["SUCCESS", "SUCCESS", "ABNORMAL", "CLOSED"]))
    def a_refund_reaches_the_bank(self, pick: int, state: str) -> None:
        out_refund_no = list(self.gateway.refunds)[pick % len(self.gateway.refunds)]
        if self.gateway.refunds[out_refund_no].state not in ("SUCCESS", "CLOSED"):
            self.gateway.refund_ends(out_refund_no, state)
            self.sent_refunds.append(self.gateway.refund_notice(out_refund_no))

    @precondition(lambda self: self.sent_refunds)
    @rule(pick=PICK)
    def a_refund_notification_arrives(self, pick: int) -> None:
        delivery = self.gateway.signed_now(self.sent_refunds[pick % len(self.sent_refunds)])
        self.happens(lambda: self.counter.till.refund_notified(*delivery))

    @rule(down=st.booleans(), lost=st.booleans())
    def the_line_to_the_gateway_changes(self, down: bool, lost: bool) -> None:
        self.gateway.down, self.gateway.answers_are_lost = down, lost

    @rule(after=st.integers(0, 25))
    def the_process_will_be_killed(self, after: int) -> None:
        self.killer.left = after

    def happens(self, what: Callable[[], Any]) -> None:
        try:
            what()
        except KebanError:
            pass  # refused, busy, in conflict: each is an answer
        except Killed:
            self.counter.db.engine.dispose()
            self.counter.till = new_till(self.counter.db, self.gateway, self.counter.clock)

    # What must hold at every moment

    @invariant()
    def the_books_agree_by_order(self) -> None:
        with self.reading() as conn:
            held = func.sum(attempts.c.received_fen - attempts.c.refunded_fen)
            of_attempts = _sums(conn, select(attempts.c.order_no, held).group_by(attempts.c.order_no))
            booked = func.sum(postings.c.fen)
            at_wechat = select(postings.c.order_no, booked).where(postings.c.account == "wechat")
            of_ledger = _sums(conn, at_wechat.group_by(postings.c.order_no))
            entries = conn.execute(select(postings.c.entry, booked).group_by(postings.c.entry)).all()
        assert of_attempts == of_ledger
        assert all(int(fen) == 0 for _, fen in entries)

    @invariant()
    def no_more_goes_back_than_came(self) -> None:
        with self.reading() as conn:
            for row in conn.execute(select(attempts)):
                assert 0 <= row.refunded_fen + row.pending_fen <= row.received_fen
                parts = select(func.coalesce(func.sum(refunds.c.fen), 0)).where(
                    refunds.c.out_trade_no == row.out_trade_no
                )
                waiting = parts.where(refunds.c.status.in_(("created", "processing", "abnormal")))
                assert conn.execute(waiting).scalar_one() == row.pending_fen
                done = parts.where(refunds.c.status == "success")
                assert conn.execute(done).scalar_one() == row.refunded_fen

    @invariant()
    def nothing_is_credited_that_the_gateway_did_not_take(self) -> None:
        with self.reading() as conn:
            for row in conn.execute(select(attempts).where(attempts.c.status == "success")):
                account = self.gateway.accounts[row.out_trade_no]
                assert row.transaction_id == account.transaction_id
                assert row.received_fen == account.request.total_fen

    @invariant()
    def each_success_opens_or_goes_back(self) -> None:
        with self.reading() as conn:
            for row in conn.execute(select(attempts).where(attempts.c.status == "success")):
                has_grant = select(grants.c.source).where(grants.c.source == f"order:{row.order_no}")
                has_code = select(gifts.c.code).where(gifts.c.order_no == row.order_no)
                is_orders = select(orders.c.paid_by).where(orders.c.order_no == row.order_no)
                opened = (
                    conn.execute(is_orders).scalar_one() == row.out_trade_no
                    and conn.execute(union(has_grant, has_code)).first() is not None
                )
                back = select(refunds.c.cause).where(refunds.c.cause == f"surplus:{row.out_trade_no}")
                assert opened != (conn.execute(back).first() is not None)

    @invariant()
    def only_who_paid_and_kept_it_reads(self) -> None:
        with self.reading() as conn:
            for grant in conn.execute(select(grants).where(grants.c.status == "active")):
                order = conn.execute(
                    select(orders).where(orders.c.order_no == grant.source.removeprefix("order:"))
                ).one()
                paid = conn.execute(select(attempts).where(attempts.c.out_trade_no == order.paid_by)).one()
                assert order.status in ("fulfilled", "partially_refunded")
                assert paid.refunded_fen < paid.received_fen
                assert [grant.item_kind, grant.item_id] in (
                    order.contents or [[order.item_kind, order.item_id]]
                )
                redeemer = select(gifts.c.redeemer).where(gifts.c.order_no == order.order_no)
                assert grant.openid == (
                    conn.execute(redeemer).scalar_one() if order.is_gift else order.openid
                )

    @invariant()
    def what_goes_back_as_a_whole_is_closed_and_nothing_else_is(self) -> None:
        with self.reading() as conn:
            for paid in conn.execute(select(attempts).where(attempts.c.status == "success")):
                order = conn.execute(select(orders).where(orders.c.order_no == paid.order_no)).one()
                if order.paid_by != paid.out_trade_no:
                    continue
                going = select(func.coalesce(func.sum(refunds.c.fen), 0)).where(
                    refunds.c.out_trade_no == paid.out_trade_no,
                    refunds.c.status.in_(("created", "processing")),
                )
                going_fen = int(conn.execute(going).scalar_one())
                is_all = paid.refunded_fen + going_fen == paid.received_fen
                opened = select(grants.c.status).where(grants.c.source == f"order:{paid.order_no}")
                states = set(conn.execute(opened).scalars())
                assert ("suspended" in states) == (is_all and going_fen > 0 and bool(states - {"expired"}))
                assert not (is_all and "active" in states)

    @invariant()
    def one_code_an_order_and_one_redeemer_a_code(self) -> None:
        with self.reading() as conn:
            for gift in conn.execute(select(gifts)):
                order = conn.execute(select(orders).where(orders.c.order_no == gift.order_no)).one()
                assert order.is_gift and order.openid == gift.buyer and order.paid_by
                holders = select(grants.c.openid).where(grants.c.source == f"order:{gift.order_no}")
                assert set(conn.execute(holders).scalars()) == {gift.redeemer} - {None}
                assert (gift.redeemer is not None) == (gift.status == "redeemed")
                paid = conn.execute(select(attempts).where(attempts.c.out_trade_no == order.paid_by)).one()
                all_goes_back = paid.refunded_fen + paid.pending_fen == paid.received_fen
                # Redeemed ones apart, a code is good exactly as long as some of its money is to stay.
                assert gift.status == "redeemed" or (gift.status == "void") == all_goes_back

    @invariant()
    def terms_of_one_thing_follow_each_other(self) -> None:
        """Nobody pays for days that are open already by an order for days."""
        with self.reading() as conn:
            days = select(grants).where(grants.c.status == "active", grants.c.expires_at.is_not(None))
            held: dict[tuple[str, str, str], list[Any]] = {}
            for grant in conn.execute(days.order_by(grants.c.starts_at, grants.c.id)):
                held.setdefault((grant.openid, grant.item_kind, grant.item_id), []).append(grant)
        for terms in held.values():
            assert all(one.expires_at <= other.starts_at for one, other in pairwise(terms))

    # In the end all is delivered

    def everything_arrives(self) -> None:
        self.killer.left = None
        self.gateway.down = self.gateway.answers_are_lost = False
        self.gateway.knows = {self.gateway.signs_with}
        for delivery in map(self.gateway.signed_now, self.sent):
            self.happens(lambda d=delivery: self.counter.till.notified(*d))  # type: ignore[misc]
        for _ in range(2 * QUICK_TRIES):  # what has no room at the gateway has to be given up
            self.counter.clock.advance(86400)
            self.counter.till.sweep()
            for out_refund_no, fact in list(self.gateway.refunds.items()):
                if fact.state not in ("SUCCESS", "CLOSED"):
                    self.gateway.refund_ends(out_refund_no)
                    self.sent_refunds.append(self.gateway.refund_notice(out_refund_no))
        for delivery in map(self.gateway.signed_now, self.sent_refunds):
            self.happens(lambda d=delivery: self.counter.till.refund_notified(*d))  # type: ignore[misc]

    def check_the_end(self) -> None:
        books = self.counter.books()
        assert books.ledger == self.gateway.took_fen - self.gateway.gave_back_fen
        assert books.pending == 0
        receipts = [p.key for p in Outbox(self.counter.db, self.counter.clock).waiting()]
        assert len(receipts) == len(set(receipts))
        with self.reading() as conn:
            open_states = ("created", "awaiting_payment", "closing")
            left = select(func.count()).select_from(orders).where(orders.c.status.in_(open_states))
            assert conn.execute(left).scalar_one() == 0

    # Looking

    def gifts(self) -> list[Any]:
        with self.reading() as conn:
            return list(conn.execute(select(gifts).order_by(gifts.c.order_no)))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection during which the killer sleeps: looking is not part of the story."""
        armed, self.killer.left = self.killer.left, None
        with self.counter.db.reading() as conn:
            yield conn
        self.killer.left = armed

    def order_numbers(self) -> list[tuple[str, str]]:
        """In the order of their making; the numbers are random, and a replay has to pick the same."""
        with self.reading() as conn:
            wanted = select(orders.c.order_no, orders.c.openid).order_by(*_AS_MADE)
            return [(row.order_no, row.openid) for row in conn.execute(wanted)]

    def paid_orders(self) -> list[str]:
        with self.reading() as conn:
            wanted = select(orders.c.order_no).where(orders.c.paid_by.is_not(None)).order_by(*_AS_MADE)
            return list(conn.execute(wanted).scalars())

    def refunds_in(self, *states: str) -> list[Refund]:
        with self.reading() as conn:
            every = [one for row in conn.execute(_NUMBERS) for one in refunds_of.all_of(conn, row.order_no)]
        return [one for one in every if one.status in states]

    def pick_order(self, pick: int) -> tuple[str, str]:
        numbers = self.order_numbers()
        return numbers[pick % len(numbers)]

    def pick_account(self, pick: int) -> str:
        return list(self.gateway.accounts)[pick % len(self.gateway.accounts)]


_AS_MADE = (orders.c.created_at, orders.c.openid, orders.c.item_id, orders.c.total_fen)
_NUMBERS = select(orders.c.order_no).order_by(*_AS_MADE)


def _sums(conn: Connection, wanted: Any) -> dict[str, int]:
    return {order_no: int(fen) for order_no, fen in conn.execute(wanted) if fen}


def empty(db: Database) -> None:
    with db.transaction() as conn:
        for each in reversed(metadata.sorted_tables):
            conn.execute(each.delete())


def proven(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )


class OnPostgresql(TillMachine):
    pass


class OnMariadb(TillMachine):
    pass


TillMachine.TestCase.settings = proven(40)
OnPostgresql.TestCase.settings = proven(8)
OnMariadb.TestCase.settings = proven(8)


class TestTheTillsInvariants(TillMachine.TestCase):  # type: ignore[misc,valid-type]
    pass


@contextmanager
def on_a_server(machine: type[TillMachine], name: str, server: str) -> Iterator[None]:
    need(name, server_answers(server))
    with own_database(server) as url:
        machine.server_database = Database(url)
        metadata.create_all(machine.server_database.engine)
        try:
            yield
        finally:
            machine.server_database.close()
            machine.server_database = None


@pytest.mark.postgres
class TestTheTillsInvariantsOnPostgresql(OnPostgresql.TestCase):  # type: ignore[misc,valid-type]
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with on_a_server(OnPostgresql, "postgresql", POSTGRES_URL):
            yield


@pytest.mark.mysql
class TestTheTillsInvariantsOnMariadb(OnMariadb.TestCase):  # type: ignore[misc,valid-type]
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _server(cls) -> Iterator[None]:
        with on_a_server(OnMariadb, "mysql", MYSQL_URL):
            yield
