"""``发票``: the order, the title and the tax number are collected, shown once more, and put on the list."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from bot.reply import tap
from handlers.chat.orders import day_text
from handlers.chat.turn import Turn
from handlers.price import price_text
from handlers.shop import Shop
from infra.errors import KebanError
from payments.invoice import TITLE_CHARS, can_have, is_tax_no
from payments.order import Order

MAX_ORDERS = 3
_NOTE = "invoice"
_CONFIRM = "确认发票"
_PERSONS = "个人"
_STATES = {
    "asked": "invoice.state_asked",
    "issued": "invoice.state_issued",
    "refused": "invoice.state_refused",
}
_PAPER = re.compile("发票|抬头|税号|税务登记")
# An order's number, and what may be a tax number; WeChat's bill shows an order's with two digits more.
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{12,24}(?![0-9A-Za-z])")
_WORDS = re.compile(
    r"(?:我?要|想|请|帮我|麻烦|能|给我)*开?(?:一张|个)?(?:增值税|普通|电子|专用)*发票(?:抬头)?|抬头|"
    r"(?:纳税人)?(?:识别号|税号)|统一社会信用代码|订单(?:编?号)?|单号|公司(?:名称?)?[:：]|名称[:：]|(?:企业|单位)(?=[:：])"
)
_TITLE = re.compile(r"抬头.{0,3}[\u4e00-\u9fffA-Za-z]{2}")
_ORDERS_AND_TAX = 2
_EDGES = " \t\r\n:：,，。.;；、/|是为"


class Details(NamedTuple):
    """What was understood; empty for what was not said."""

    order_no: str
    title: str
    tax_no: str


def answer(shop: Shop, turn: Turn) -> str | None:
    """Asked before the order's number, which would answer with the order and leave the invoice out."""
    if turn.text.strip() == _CONFIRM:
        return _confirmed(shop, turn)
    numbers = _NUMBER.findall(turn.text)
    is_about_it = _PAPER.search(turn.text) and (numbers or _TITLE.search(turn.text))
    if is_about_it or (_NOTE in turn.session.notes and len(numbers) >= _ORDERS_AND_TAX):
        return _collected(shop, turn, numbers)
    return _how(shop, turn) if turn.means("invoice") else None


def holds_details(text: str) -> bool:
    """To whom an invoice shall be made out."""
    return bool(_PAPER.search(text) and _NUMBER.search(text))


def _how(shop: Shop, turn: Turn) -> str:
    possible = _possible(shop, turn)
    if not possible:
        return shop.say("invoice.after_paying", person=tap("人工", "人工"))
    turn.session.notes[_NOTE] = ""
    return shop.say("invoice.how", orders=_lines(shop, possible))


def _collected(shop: Shop, turn: Turn, numbers: list[str]) -> str:
    possible = _possible(shop, turn)
    if not possible:
        return shop.say("invoice.after_paying", person=tap("人工", "人工"))
    said = _read(turn.text, numbers, possible)
    turn.session.notes[_NOTE] = ""
    missing = _missing(shop, said, possible)
    if missing:
        return missing
    turn.session.notes[_NOTE] = json.dumps(said, ensure_ascii=False)
    order = next(order for order in possible if order.order_no == said.order_no)
    return shop.say(
        "invoice.check",
        course=order.title,
        price=price_text(shop.say, order.total_fen),
        title=said.title,
        tax_no=said.tax_no or shop.say("invoice.no_tax_no"),
        confirm=tap(_CONFIRM, _CONFIRM),
    )


def _read(text: str, numbers: list[str], possible: list[Order]) -> Details:
    """Whose numbers they are decides which is which: a tax number may look like an order's."""
    own = {order.order_no for order in possible}
    order_no = next((number[:20] for number in numbers if number[:20] in own), "")
    others = [number.upper() for number in numbers if number[:20] not in own]
    tax_no = next((number for number in others if is_tax_no(number)), others[0] if others else "")
    left = _WORDS.sub(" ", _NUMBER.sub(" ", text))
    title = max((part.strip(_EDGES) for part in re.split(r"[\n,，;；。]|\s{2,}", left)), key=len, default="")
    if not order_no and len(possible) == 1:
        order_no = possible[0].order_no
    return Details(order_no, title[:TITLE_CHARS], tax_no)


def _missing(shop: Shop, said: Details, possible: list[Order]) -> str:
    """What to ask for; empty when all is there. A person needs no tax number."""
    if not said.order_no:
        return shop.say("invoice.which_order", orders=_lines(shop, possible))
    if said.tax_no and not is_tax_no(said.tax_no):
        return shop.say("invoice.wrong_tax_no")
    if not said.title:
        return shop.say("invoice.which_title")
    if not said.tax_no and not said.title.startswith(_PERSONS):
        return shop.say("invoice.which_tax_no")
    return ""


def _confirmed(shop: Shop, turn: Turn) -> str:
    noted = turn.session.notes.get(_NOTE, "")
    if not noted:
        return _how(shop, turn)
    said = Details(*json.loads(noted))
    try:
        shop.till.invoices.ask(turn.openid, said.order_no, said.title, said.tax_no)
    except KebanError as refusal:
        return shop.say(refusal.say)
    del turn.session.notes[_NOTE]
    return shop.say("invoice.asked", person=tap("人工", "人工"))


def _possible(shop: Shop, turn: Turn) -> list[Order]:
    return [order for order in shop.till.purchases_of(turn.openid) if can_have(order)]


def _lines(shop: Shop, possible: list[Order]) -> str:
    shown = possible[:MAX_ORDERS]
    asked = shop.till.invoices.of([order.order_no for order in shown])
    return "\n".join(
        shop.say(
            "invoice.item",
            title=order.title,
            price=price_text(shop.say, order.total_fen),
            day=day_text(shop, order),
            order_no=order.order_no,
            state=shop.say(_STATES[noted.status]) if (noted := asked.get(order.order_no)) else "",
        )
        for order in shown
    )
