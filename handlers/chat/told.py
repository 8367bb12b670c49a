"""What WeChat tells and nobody reads an answer to: noted where it matters, and silence on purpose.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html
"""

from __future__ import annotations

from bot.message import groups, inside
from handlers.chat.turn import Turn
from handlers.shop import Shop
from infra.log import get_logger

log = get_logger("chat")

# Each event that is answered with `success` and leaves no trace, with the reason.
NOTHING_TO_DO = {
    "view_event": "the page that was opened greets by itself",
    "view_miniprogram_event": "the mini program is open already",
    "location_event": "where followers are is nobody's business here: not kept",
    "scancode_push_event": "WeChat opens what was scanned by itself",
    "pic_sysphoto_event": "the pictures follow as messages of their own",
    "pic_photo_or_album_event": "the pictures follow as messages of their own",
    "pic_weixin_event": "the pictures follow as messages of their own",
    "location_select_event": "the place follows as a message of its own",
    # Cards and coupons of WeChat: the shop has none.
    "card_pass_check_event": "no cards here",
    "card_not_pass_check_event": "no cards here",
    "card_sku_remind_event": "no cards here",
    "card_pay_order_event": "no cards here",
    "user_get_card_event": "no cards here",
    "user_gifting_card_event": "no cards here",
    "user_del_card_event": "no cards here",
    "user_consume_card_event": "no cards here",
    "user_pay_from_pay_cell_event": "no cards here",
    "user_view_card_event": "no cards here",
    "user_enter_session_from_card_event": "no cards here",
    "update_member_card_event": "no cards here",
    "submit_membercard_user_info_event": "no cards here",
}

# The lists of subscription events, by the event's type: what is inside of each group.
_SUBSCRIPTIONS = {
    "subscribe_msg_popup_event_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event_event": "SubscribeMsgSentEvent",
}
SUBSCRIPTIONS = tuple(_SUBSCRIPTIONS)
MAX_GROUPS = 20


def nothing_to_do(shop: Shop, turn: Turn) -> None:
    """Silence; see `NOTHING_TO_DO` for the reason of each."""


def agreed(shop: Shop, turn: Turn) -> None:
    """What a follower agreed to be sent, or took back; and how a message of that kind fared."""
    for group in groups(turn.message, _SUBSCRIPTIONS[turn.message.type], "List")[:MAX_GROUPS]:
        status = group.get("SubscribeStatusString") or group.get("ErrorStatus")
        data = {"template": str(group.get("TemplateId", "")), "status": str(status or "")}
        shop.members.record(turn.openid, "subscription", data)


def fared(shop: Shop, turn: Turn) -> None:
    """How a template message fared: a failure is the follower's state (blocked), worth a line."""
    status = inside(turn.message, "Status")
    if status != "success":
        shop.members.record(turn.openid, "push_failed", {"status": status})
        log.warning("template_not_delivered", openid=turn.openid, status=status)


def finished(shop: Shop, turn: Turn) -> None:
    """A mass message or an article is out, or was refused: the operator's log says which."""
    status = inside(turn.message, "Status") or inside(turn.message, "PublishEventInfo", "publish_status")
    log.info("platform_job_finished", type=turn.message.type, status=status)
