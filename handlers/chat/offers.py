"""``会员``, ``套餐``, ``买 会员``: what is sold as one, and is not found by searching for a topic."""

from __future__ import annotations

import re

from bot.reply import tap
from content.course import Course
from handlers.chat import buy, listing, offer_card
from handlers.chat.turn import Turn
from handlers.shop import Shop

_MEMBERSHIP = r"(?:会员卡?|vip|VIP|Vip|年卡|月卡|季卡)"
_BUNDLE = r"(?:套餐|套课|课程包|礼包|合集|打包的?课?)"
_BUYING = re.compile(r"(?:我?(?:想|要)?)?(?:买|购买|开通|办|下单|续费?|续订|加入|成为|订)")
_ASKED = re.compile(
    rf"(?:你好|请问)?我?(?:想|要|怎么|如何|能|可以|可不可以|能不能)*(?:看看?|了解(?:一下)?|查看?)?"
    rf"(?:{_BUYING.pattern})?一?[个张份]?(?:你们|这里)?的?(?:有没有|有)?(?:哪些|什么|啥)?"
    rf"(?:(?P<membership>{_MEMBERSHIP})|(?P<bundle>{_BUNDLE}))(?:课|卡|价格?)?(?:怎么|如何|都|是|有)*"
    rf"(?:买|办|开通|收费|卖|多少钱|哪些|什么|啥|介绍|权益|好处|用|价格?|优惠|便宜)?(?:吗|么|呢|吧|啊|呀)?"
)
_ONLY_ASKS = re.compile("怎么|如何|多少|哪些|什么|啥|吗|么|有没有|好处|权益|介绍")
_MARKS = re.compile(r"[\s,，。.!！?？~～「」《》]+")


def answer(shop: Shop, turn: Turn) -> str | None:
    """One is shown whole, several as a list; the wish to buy the only one is an order."""
    text = _MARKS.sub("", turn.text)
    asked = _ASKED.fullmatch(text) if len(text) <= listing.LONGEST_WISH else None
    if asked is None:
        return None
    is_membership = asked["membership"] is not None
    found = [offer for offer in turn.catalogue.offers if offer.is_membership == is_membership]
    if not found:
        return _none(shop, turn, is_membership)
    if len(found) > 1:
        return _list(shop, turn, found)
    if _BUYING.match(text) and not _ONLY_ASKS.search(text):
        return buy.sell(shop, turn, found[0])
    listing.remember(turn, found, query="")  # 「买 1」 means what was shown last, not an older list
    return offer_card.card(shop, turn, found[0])


def _list(shop: Shop, turn: Turn, found: list[Course]) -> str:
    cheap_first = sorted(found, key=lambda offer: (offer.price_fen, offer.id))
    opening = shop.say("offers.opening", count=len(found))
    return listing.show(shop, turn, cheap_first, query="", reasons={}, opening=opening)


def _none(shop: Shop, turn: Turn, is_membership: bool) -> str:
    key = "offers.no_membership" if is_membership else "offers.no_bundle"
    return shop.say(key, recommend=tap("推荐", "推荐"))
