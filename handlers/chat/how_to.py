"""``怎么付款``, ``是视频吗``, ``有证书吗``: what is asked again and again, told as it is.

To add one: how people put it in ``nlp/asked.py``, a line in `_SENTENCES`, and the sentence.
"""

from __future__ import annotations

from functools import cache

from bot.reply import tap
from handlers.chat import listing, recommend
from handlers.chat.turn import Turn
from handlers.shop import Shop

_SENTENCES = {
    "buy": "how_to.buy",
    "pay": "how_to.pay",
    "instalment": "how_to.instalment",
    "download": "how_to.download",
    "where": "how_to.where",
    "devices": "how_to.devices",
    "account": "how_to.account",
    "gift": "how_to.gift",
    "group": "how_to.group",
    "video": "how_to.video",
    "certificate": "how_to.certificate",
    "job": "how_to.job",
    "support": "how_to.support",
    "updates": "how_to.updates",
    "consult": "how_to.consult",
    # About a course, when none was talked of.
    "minutes": "how_to.minutes",
    "lessons": "how_to.lessons",
    "content": "how_to.lessons",
    "good": "how_to.trial",
    "way": "how_to.where",
    "trial": "how_to.trial",
    "teacher": "how_to.teacher",
    "access": "how_to.access",
}
# Where a list answers best: it has prices and levels.
_BY_A_LIST = frozenset({"price", "which", "level"})
# What a sentence may offer to tap, by the name it has there.
_TAPS = {
    "person": "人工",
    "help": "帮助",
    "mine": "我的课程",
    "resume": "继续",
    "recommend": "推荐",
    "free": "免费的课",
    "cheap": "最便宜的课",
    "refund": "退款",
}


def answer(shop: Shop, turn: Turn) -> str | None:
    """After `about_course`, which knows the course that is talked of."""
    if not turn.means("about"):
        return None
    if turn.reading.asked in _BY_A_LIST and turn.catalogue.courses:
        return recommend.show(shop, turn)
    if turn.reading.asked == "video":
        return _with_the_list(shop, turn, shop.say("how_to.video", **taps()))
    return shop.say(_SENTENCES[turn.reading.asked], **taps()) if turn.reading.asked in _SENTENCES else None


def _with_the_list(shop: Shop, turn: Turn, opening: str) -> str:
    """Whoever asked behind a list sees it again: its numbers go on to mean the same."""
    shown = [course for number in range(1, listing.PAGE + 1) if (course := turn.listed(number))]
    if not shown or not all(course.listed for course in shown):
        return opening
    return listing.told(shop, turn, shown, reasons={}, opening=opening)


@cache
def taps() -> dict[str, str]:
    """The taps of these sentences, by name."""
    return {name: tap(words, words) for name, words in _TAPS.items()}
