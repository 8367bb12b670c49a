"""``orders`` and ``refund``: the operator at the till.

Looking into the books needs the database and nothing else: it must work while WeChat's keys are the trouble.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app import Rooms, open_rooms
from commands.actor import actor
from commands.tables import require_tables
from handlers.price import yuan
from infra.clock import SystemClock
from infra.errors import ConfigError, KebanError
from infra.settings import Settings
from infra.stores import open_database
from payments import operator
from payments.attempt import Attempt
from payments.audit import Entry
from payments.care import is_unresolved
from payments.closed_gateway import ClosedGateway
from payments.grant import Grant
from payments.order import Order
from payments.order_file import OrderFile
from payments.refund import Refund
from payments.till import Till

MAX_ROWS = 50
CARE = "  !!"  # somebody has to look
# Who has just seen the demo asks for its orders here first.
_DEMOS = "for the demo's orders: KEBAN_DATABASE__URL=sqlite:///var/demo/keban.db python manage.py orders list"


def listed(settings: Settings, *, status: str | None = None, care: bool = False) -> int:
    """The newest orders, one a line, and whatever is older and marked: an operator has to look at it.

    ``status``: only those; ``care``: only the marked ones.
    """
    with books(settings) as till:
        marked = till.needing_care()
        orders = [] if care else till.recent(MAX_ROWS, status)
        older = marked - {order.order_no for order in orders}
        more = [till.show(order_no).order for order_no in sorted(older, reverse=True)]
        orders += [order for order in more if status in (None, order.status)]
    for order in orders:
        print(_order_line(settings, order, needs_care=order.order_no in marked))
    if not orders:
        print("没有这样的订单。" if care or status else "还没有订单。")
    return 0


def show(settings: Settings, order_no: str) -> int:
    """All there is about one order."""
    with books(settings) as till:
        file = till.show(order_no)
        for line in _sheet(settings, file):
            print(line)
        for entry in operator.notes(till.desk, [order_no, *(paid.out_trade_no for paid in file.attempts)]):
            print(f"  by hand  {entry.at.astimezone(settings.zone):%Y-%m-%d %H:%M}  {_entry(entry)}")
    return 0


def refund(settings: Settings, number: str, fen: int | None, reason: str) -> int:
    """Sends money back; the course closes once WeChat Pay says that all of it is back.

    ``number`` is an order's, or one payment's (as `show` prints them) where an order holds several.
    """
    if fen is not None and fen <= 0:
        raise ConfigError("--fen must be a positive number of fen", hint="9900 is ¥99")
    rooms = _open(settings)
    try:
        print("\n".join(_send_back(rooms.shop.till, number, fen, reason)))
        rooms.nudge()
    finally:
        rooms.close()
    return 0


def _send_back(till: Till, number: str, fen: int | None, reason: str) -> list[str]:
    payment = till.payment(number)
    file = till.show(payment.order_no if payment else number)
    meant = payment or _leftover(file)
    operator.note(till.desk, "refund", number, reason=reason, actor=actor())
    stuck = [one for one in file.refunds if one.is_stuck and meant in (None, _payment_of(file, one))]
    if stuck and fen is None and not (meant and meant.refundable_fen):
        return [_made(till.try_again(one.out_refund_no), "tried again") for one in stuck]
    paid = meant.out_trade_no if meant else None
    made = till.refund(file.order.order_no, fen, reason, payment=paid, asked_by=actor())
    is_own = made.out_trade_no == file.order.paid_by
    note = "" if is_own else f"of payment {made.out_trade_no}, which the order had no use for"
    return [_made(made, note)]


def _leftover(file: OrderFile) -> Attempt | None:
    """The one payment that still has money; None when there is none. Two are not chosen between."""
    own = file.own if file.own and file.own.refundable_fen else None
    if own is not None and file.unused is not None:
        raise ConfigError(
            f"order {file.order.order_no} holds two payments: {own.out_trade_no}, which paid it, and "
            f"{file.unused.out_trade_no}, which it had no use for",
            hint=f"name the payment: refund {file.unused.out_trade_no} leaves the course open",
        )
    return own or file.unused


def _payment_of(file: OrderFile, refund: Refund) -> Attempt | None:
    return next((one for one in file.attempts if one.out_trade_no == refund.out_trade_no), None)


def _made(made: Refund, note: str) -> str:
    trouble = f"WeChat Pay has not taken it yet: {made.last_error}" if made.last_error else ""
    notes = "; ".join(text for text in (note, trouble) if text)
    return f"{made.out_refund_no}  {made.status}  ¥{yuan(made.fen)}" + (f"  ({notes})" if notes else "")


@contextmanager
def books(settings: Settings) -> Iterator[Till]:
    """The till with its books and without WeChat Pay."""
    db = open_database(settings)
    try:
        require_tables(db, also=_DEMOS)
        yield Till(db, ClosedGateway(), SystemClock(), notify_url="", refund_notify_url="")
    finally:
        db.close()


def _open(settings: Settings) -> Rooms:
    rooms = open_rooms(settings)
    try:
        require_tables(rooms.db, also=_DEMOS)
    except KebanError:
        rooms.close()
        raise
    return rooms


def _sheet(settings: Settings, file: OrderFile) -> Iterator[str]:
    yield _order_line(settings, file.order, needs_care=file.needs_care)
    yield f"  openid   {file.order.openid}"
    yield f"  ledger   ¥{yuan(file.balance_fen)}"
    yield from (_attempt_line(attempt) for attempt in file.attempts)
    yield from (_grant_line(settings, grant) for grant in file.grants)
    yield from (_refund_line(refund) for refund in file.refunds)


def _order_line(settings: Settings, order: Order, *, needs_care: bool) -> str:
    at = order.created_at.astimezone(settings.zone)
    money = f"¥{yuan(order.total_fen)}"
    line = f"{order.order_no}  {at:%Y-%m-%d %H:%M}  {order.status:<18}  {money:>9}  {order.title}"
    return line + (CARE if needs_care else "")


def _entry(entry: Entry) -> str:
    return f"{entry.actor}  {entry.action}  {entry.reason}"


def _attempt_line(attempt: Attempt) -> str:
    line = f"  attempt  {attempt.out_trade_no}  {attempt.status}  ¥{yuan(attempt.received_fen)}"
    if not attempt.wrong:
        return line
    return f"{line}{CARE if is_unresolved(attempt.wrong) else ' '} {attempt.wrong}"


def _grant_line(settings: Settings, grant: Grant) -> str:
    until = grant.expires_at.astimezone(settings.zone).date() if grant.expires_at else "forever"
    return f"  grant    {grant.item_id}  {grant.status}  {until}"


def _refund_line(refund: Refund) -> str:
    line = f"  refund   {refund.out_refund_no}  {refund.status}  ¥{yuan(refund.fen)}  {refund.reason}"
    return line + (f"  ({refund.last_error})" if refund.last_error else "")
