"""``grant``, ``revoke``, ``orders dismiss`` and ``orders export``: what an operator does by hand."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from commands.actor import actor
from commands.orders import books
from commands.spreadsheet import BOM, plain
from content.shelf import Shelf
from infra.clock import SystemClock
from infra.errors import ConfigError
from infra.settings import Settings
from payments import bill_days, operator
from payments.bill import BEIJING
from payments.export import Figures, exported
from payments.grant import Grant
from payments.order import Order
from payments.till import Till

_DIFFERENCE = re.compile(r"D([0-9]{1,9})")
HEAD = (
    *("订单号", "下单时间", "付款时间", "状态", "买了什么", "关注者"),
    *("应付", "实收", "已退", "手续费", "净额", "微信支付单号"),
)


def grant(settings: Settings, openid: str, what: str, access: str, reason: str) -> int:
    """Opens a course (its name or id), ``tag:NAME`` or ``all`` for a follower."""
    with books(settings) as till:
        made = operator.give(
            till.desk, _openid(openid), _item(till, what), access, reason=_said(reason), actor=actor()
        )
    print(f"已经打开：{_named(made)}，{_until(made)}（来源 {made.source}）")
    return 0


def revoke(settings: Settings, openid: str, what: str, reason: str) -> int:
    """Ends what an order opened, or each access of a follower to one thing. No money moves."""
    with books(settings) as till:
        order = till.get(what)
        meant: dict[str, Any] = {"order_no": what} if order else {"item": _held(till, openid, what)}
        ended = operator.take_away(till.desk, openid, **meant, reason=_said(reason), actor=actor())
        left = {(one.item_kind, one.item_id): one for one in till.grants_of(openid)}
    for one in ended:
        still = left.get((one.item_kind, one.item_id))
        note = f"；{still.source} 仍然开着" if still else ""
        print(f"已经收回：{_named(one)}（来源 {one.source}）{note}")
    return 0


def dismiss(settings: Settings, number: str, reason: str) -> int:
    """Takes the ``!!`` off an order, or ends a difference (``D12``, as `reconcile` prints it)."""
    found = _DIFFERENCE.fullmatch(number)
    with books(settings) as till:
        if found:
            operator.dismiss_difference(till.desk, int(found.group(1)), reason=_said(reason), actor=actor())
        else:
            operator.dismiss(till.desk, number, reason=_said(reason), actor=actor())
    print(f"{number} 已经销掉，原因记下来了。")
    return 0


def export(settings: Settings, first: date | None, last: date | None) -> int:
    """Orders of these days (of Beijing, both included) as CSV, with a BOM, for a spreadsheet."""
    today = datetime.now(BEIJING).date()
    first, last = first or today - timedelta(days=29), last or today
    if last < first:
        raise ConfigError(f"--to: {last} is before {first}")
    start, end = bill_days.bounds(first)[0], bill_days.bounds(last)[1]
    with books(settings) as till:
        sys.stdout.write(BOM + _csv(HEAD))
        for order, figures in exported(till.desk.db, start, end):
            sys.stdout.write(_csv(_row(order, figures)))
    return 0


def _row(order: Order, figures: Figures) -> Iterator[str]:
    yield from (order.order_no, _moment(order.created_at), _moment(order.paid_at), order.status)
    yield from (plain(order.title), plain(order.openid))
    amounts = (order.total_fen, figures.received_fen, figures.refunded_fen, figures.fee_fen, figures.net_fen)
    yield from (_yuan(fen) for fen in amounts)
    # As in WeChat's own bill: a spreadsheet would make a rounded number of it.
    yield " ".join(f"`{number}" for number in figures.transactions)


def _csv(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if at else ""


def _item(till: Till, what: str) -> tuple[str, str]:
    """Raises ConfigError for a course that is not there."""
    if what == "all":
        return "all", "*"
    if what.startswith("tag:") and len(what) > len("tag:"):
        return "tag", what.removeprefix("tag:")
    courses = Shelf(till.desk.db, SystemClock()).catalogue().courses
    found = next((course for course in courses if what in (course.id, course.slug)), None)
    if found is None:
        raise ConfigError(f"no course {what}", hint="its id or its folder's name; or all, or tag:NAME")
    return "course", found.id


def _held(till: Till, openid: str, what: str) -> tuple[str, str]:
    """The same of what is open; a course that has left the shelf goes by its id."""
    ids = {one.item_id for one in till.grants_of(openid) if one.item_kind == "course"}
    return ("course", what) if what in ids else _item(till, what)


def _openid(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z_-]{6,64}", text):
        raise ConfigError(f"{text[:64]!r} is not an openid", hint="orders show prints it")
    return text


def _said(reason: str) -> str:
    if not reason.strip():
        raise ConfigError("--reason is empty", hint="a few words for whoever reads this next year")
    return reason.strip()


def _named(one: Grant) -> str:
    return {"all": "全部课程", "tag": f"标签 {one.item_id}"}.get(one.item_kind, one.item_id)


def _until(one: Grant) -> str:
    if one.expires_at is None:
        return "不限时间"
    last = (one.expires_at - timedelta(seconds=1)).astimezone(BEIJING).date()
    return f"到 {last} 为止（含当天）"
