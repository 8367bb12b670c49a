"""``orders`` and ``refund``: the operator at the till."""

from __future__ import annotations

from app import Rooms, open_rooms
from commands.serving import require_migrated
from handlers.price import yuan
from infra.errors import ConfigError, KebanError
from infra.settings import Settings
from payments.order import Order

MAX_ROWS = 50


def listed(settings: Settings) -> int:
    """The newest orders, one a line."""
    rooms = _open(settings)
    try:
        orders = rooms.shop.till.recent(MAX_ROWS)
        for order in orders:
            print(_line(rooms, order))
    finally:
        rooms.close()
    if not orders:
        print("还没有订单。")
    return 0


def show(settings: Settings, order_no: str) -> int:
    """All there is about one order."""
    rooms = _open(settings)
    try:
        file = rooms.shop.till.show(order_no)
        print(_line(rooms, file.order))
        print(f"  openid   {file.order.openid}")
        print(f"  ledger   ¥{yuan(file.balance_fen)}")
        for attempt in file.attempts:
            wrong = f"  !! {attempt.wrong}" if attempt.wrong else ""
            print(
                f"  attempt  {attempt.out_trade_no}  {attempt.status}  ¥{yuan(attempt.received_fen)}{wrong}"
            )
        for grant in file.grants:
            until = grant.expires_at.astimezone(rooms.shop.zone).date() if grant.expires_at else "forever"
            print(f"  grant    {grant.item_id}  {grant.status}  {until}")
        for refund in file.refunds:
            print(f"  refund   {refund.out_refund_no}  {refund.status}  ¥{yuan(refund.fen)}  {refund.reason}")
    finally:
        rooms.close()
    return 0


def refund(settings: Settings, order_no: str, fen: int | None, reason: str) -> int:
    """Sends money back; the course closes once WeChat Pay says that all of it is back."""
    if fen is not None and fen <= 0:
        raise ConfigError("--fen must be a positive number of fen", hint="9900 is ¥99")
    rooms = _open(settings)
    try:
        made = rooms.shop.till.refund(order_no, fen, reason)
        rooms.nudge()
    finally:
        rooms.close()
    print(f"{made.out_refund_no}  {made.status}  ¥{yuan(made.fen)}")
    return 0


def _open(settings: Settings) -> Rooms:
    rooms = open_rooms(settings)
    try:
        require_migrated(rooms)
    except KebanError:
        rooms.close()
        raise
    return rooms


def _line(rooms: Rooms, order: Order) -> str:
    at = order.created_at.astimezone(rooms.shop.zone)
    money = f"¥{yuan(order.total_fen)}"
    return f"{order.order_no}  {at:%Y-%m-%d %H:%M}  {order.status:<18}  {money:>9}  {order.title}"
