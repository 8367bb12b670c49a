"""``reconcile``: a day's bill of WeChat Pay against the books."""

from __future__ import annotations

from datetime import date, timedelta

from app import open_rooms
from commands.tables import require_tables
from handlers.price import yuan
from infra.errors import ConfigError
from infra.settings import Settings
from payments import bill_days
from payments.bill import BEIJING
from payments.bill_differences import Kept
from payments.reconcile import EVERY_REPAIR, Reconciled, reconcile

KINDS = {
    "missing_payment": "微信收了这笔钱，账本上没有",
    "missing_refund": "微信已经退了，账本上还没退",
    "foreign_refund": "有人在商户平台手工退的，账本上没有",
    "not_opened": "钱收了，课没有打开",
    "missing_there": "账本上有，微信的账单里没有",
    "stranger_payment": "微信收了钱，可是没有这个商户订单号",
    "stranger_refund": "微信退了钱，可是没有这个商户订单号",
    "other_amount": "金额不一样",
    "other_fee": "手续费和已经记的不一样",
    "other_number": "同一笔交易，商户订单号不一样",
    "other_merchant": "是别的商户或公众号的",
    "twice": "账单里出现了两次",
    "unreadable": "账单里的状态看不懂",
}
REPAIRS = {
    "settle": "问微信支付，是真的就照常入账、开课",
    "finish_refund": "问微信支付，是真的就照常记退款",
    "import_refund": "问微信支付，是真的就补记这笔退款，退完了课就关上",
    "grant": "打开课程，告诉关注者",
    "ask": "问微信支付，是不是算在别的日子",
    "operator": "要人来看：弄清楚了用 orders dismiss D{id} --reason 销掉",
}


def run(settings: Settings, day: date | None, *, apply: bool) -> int:
    """Compares the day (yesterday), prints what differs, and with ``apply`` repairs what can be repaired.

    1 while differences remain.
    """
    rooms = open_rooms(settings)
    try:
        require_tables(rooms.db)
        day = _asked(day, rooms.clock.now().astimezone(BEIJING).date())
        done = reconcile(rooms.shop.till.desk, day, repairs=EVERY_REPAIR if apply else ())
        if done.repaired:
            rooms.nudge()
    finally:
        rooms.close()
    for line in told(done, apply=apply):
        print(line)
    return 1 if done.left else 0


def told(done: Reconciled, *, apply: bool) -> list[str]:
    """What is printed."""
    lines = [_summary(done)]
    lines += [f"  已修复  {_what(one)}：{KINDS[one.kind]}" for one in done.repaired]
    if not done.left:
        return [*lines, "账单和账本一分不差。"]
    lines.append(f"有 {len(done.left)} 处对不上：")
    for one in done.left:
        lines.append(f"  D{one.id}  {_what(one)}：{KINDS[one.kind]}{_amounts(one)}")
        lines.append(f"        → {REPAIRS[one.repair].format(id=one.id)}")
    if not apply and any(one.repair != "operator" for one in done.left):
        lines.append(f"照上面的办法修：python manage.py reconcile --date {done.day} --apply")
    return lines


def _asked(day: date | None, today: date) -> date:
    """Raises ConfigError for a day that has no bill."""
    if day is None:
        return today - timedelta(days=1)
    if day >= today:
        raise ConfigError(f"--date: {day} is not over yet", hint="its bill comes at 10:00 the day after")
    if today - day > timedelta(days=bill_days.KEPT_DAYS):
        raise ConfigError(f"--date: {day} is too long ago", hint="WeChat Pay keeps bills for three months")
    return day


def _summary(done: Reconciled) -> str:
    totals = done.totals
    if not totals.rows:
        return f"{done.day}：微信那边没有交易。"
    net = totals.received_fen - totals.refunded_fen - totals.fee_fen
    money = f"收 ¥{_money(totals.received_fen)}，退 ¥{_money(totals.refunded_fen)}"
    fees = f"手续费 ¥{_money(totals.fee_fen)}，净额 ¥{_money(net)}"
    return f"{done.day}：微信账单 {totals.rows} 笔，{money}，{fees}。"


def _what(one: Kept) -> str:
    """The number that can be looked up."""
    return one.out_refund_no or one.out_trade_no or one.transaction_id or one.key


def _amounts(one: Kept) -> str:
    if one.ours_fen is not None and one.theirs_fen is not None:
        same = one.ours_fen == one.theirs_fen
        return (
            f"（¥{_money(one.ours_fen)}）"
            if same
            else (f"（账本 ¥{_money(one.ours_fen)}，账单 ¥{_money(one.theirs_fen)}）")
        )
    fen = one.ours_fen if one.ours_fen is not None else one.theirs_fen
    return f"（¥{_money(fen)}）" if fen is not None else ""


def _money(fen: int) -> str:
    return yuan(fen) if fen >= 0 else f"-{yuan(-fen)}"
