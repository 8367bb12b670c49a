"""``我付了没开通``: paid, and the course is still closed. WeChat Pay is asked at once, and the truth told."""

from __future__ import annotations

import re

from handlers.chat import order_number
from handlers.chat.turn import Turn
from handlers.shop import Shop
from payments.order import Order

MAX_ORDERS = 3
MAX_CHARS = 60  # a complaint is short; what is longer tells of something else
_LOOK_BACK = 20

_PAID = (
    r"(?:付(?:了|过|完|好|款|钱|费)|支付(?:了|过|完|好|成功)|已经?支付|交(?:了|过|完)?(?:钱|费)|"
    r"扣(?:了|过)?(?:钱|款)|买(?:了|过|完|的)|钱.{0,2}付|钱(?:都|已经|也|被){0,2}(?:扣|付|交|给)|(?:扣|付)款(?:成功)?了?)"
)
_CLOSED = (
    r"(?:显示(?:还)?(?:未|没)(?:支付|付款?)|(?:没有?|未|不给)(?:给?我)?(?:被)?(?:自动)?(?:收到|见到|开通|开课|打开|解锁|到课|课|开)|"
    r"(?:打|点|进|看|读|学|用)不(?:开|了|到|成|进去)|不能(?:看|读|学|用)|锁着|"
    r"(?:还|又)(?:是|要|在|得|让|叫|我){1,4}再?(?:付|买|购))"
)
_NOT_COME = r"(?:收不到|没(?:有)?收到|拿不到|没(?:有)?拿到)(?:我?买?的|你们的)?(?:课|链接|内容)"
_COMPLAINT = re.compile(rf"{_PAID}.{{0,20}}{_CLOSED}|{_NOT_COME}")
# Who asks how payments are programmed is asking for a course.
_CRAFT = re.compile(r"回调|接口|代码|怎么写|实现|开发|接入|报错|[Aa][Pp][Ii]|[Ss][Dd][Kk]")


def answer(shop: Shop, turn: Turn) -> str | None:
    """The newest orders without money, asked about; told are those that can still be paid or turn out to be
    paid. Without any, the newest order as it stands.
    """
    if not complains(turn.text):
        return None
    orders = shop.till.orders_of(turn.openid, limit=_LOOK_BACK)
    if not orders:
        return shop.say("not_opened.no_order")
    unpaid = sorted((order for order in orders if not order.is_paid), key=lambda order: not order.is_open)
    looked = [order_number.look_and_listen(shop, order) for order in unpaid[:MAX_ORDERS]]
    meant = [one for one in looked if one[0].is_open or one[0].is_paid] or [(orders[0], True)]
    told = "\n\n".join(order_number.told(shop, turn, order, is_heard=heard) for order, heard in meant)
    is_heard = all(heard for _, heard in looked)
    return shop.say(_opening([order for order, _ in meant], is_heard), orders=told)


def complains(text: str) -> bool:
    """That money was paid and nothing came of it."""
    return len(text) <= MAX_CHARS and bool(_COMPLAINT.search(text)) and not _CRAFT.search(text)


def _opening(meant: list[Order], is_heard: bool) -> str:
    if any(order.is_paid for order in meant):
        return "not_opened.found"
    return "not_opened.not_paid" if is_heard else "not_opened.unheard"
