"""``人工``: hands over to a person at customer service, and comes back.

The follower first reads what will happen. From then on texts, pictures and voice go to customer service as
they are (``transfer_customer_service``), until WeChat says that the person has closed the talk, until the
follower says 「课伴」, or until the time is over.

WeChat tells when a person takes over (``kf_create_session``). Where nobody ever does, because the account has
no customer service or nobody is there, only a few messages go that way: then the follower is told, and the
bot answers again. Nobody talks into silence.

What the bot alone can do stays its own also then: ``买 2``, ``购买 …``, ``我的订单``, ``我的课程``,
``退款 1``, ``我付了没开通``, each menu button and each tap. A person can neither take nor return money in the
chat, and who says these words waits for the bot. A sentence about money (「我要退款，课太难了」) goes to the
person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from werobot.replies import WeChatReply

from bot.message import inside
from bot.reply import tap, to_customer_service
from handlers.chat.turn import Turn
from handlers.shop import Shop

WAITING_S = 15 * 60  # from 「人工」 on, when nobody takes over
WAITING_MESSAGES = 3
TOGETHER_S = 2 * 3600  # from the last message on; WeChat's own word that it is over may get lost
_NOTE = "person"
_ASK, _BACK, _ORDERS, _REFUND, _HELP = "人工", "课伴", "我的订单", "退款", "帮助"

_MARKS = "「」『』\"'“”，。！!？?~～… "
_WANTS_BACK = re.compile(
    r"(?:回到|转|找|叫)?(?:课伴|机器人|小助手)(?:在吗)?|返回|(?:退出|结束)(?:人工|客服)?"
)
_FOR_THE_BOT = re.compile(r"买\s*\d{1,2}|购买\s*\S.*|我的订单|我的课程|我付了没开通|退款(?:\s*\d{1,2})?")


@dataclass(frozen=True)
class Talk:
    """``together``: a person has taken over. ``since`` (seconds): its time counts from there. ``sent``: how
    many messages went to customer service while nobody had taken over."""

    together: bool
    since: int
    sent: int = 0

    def over(self, now: int) -> bool:
        return now - self.since > (TOGETHER_S if self.together else WAITING_S)


def ask(shop: Shop, turn: Turn) -> str | None:
    """The wish for a person: what will happen is said first."""
    if not turn.means("human"):
        return None
    shop.members.record(turn.openid, "person_asked", {"text": turn.text})
    if not shop.customer_service:
        return shop.say("person.none", help=tap(_HELP, _HELP))
    _write(turn, Talk(together=False, since=_now(shop)))
    return shop.say(
        "person.asked", back=tap(_BACK, _BACK), orders=tap(_ORDERS, _ORDERS), refund=tap(_REFUND, _REFUND)
    )


def hand_over(shop: Shop, turn: Turn) -> str | WeChatReply | None:
    """Whatever comes while a person is asked or there; None leaves it to the bot."""
    talk = _read(turn)
    if talk is None or talk.over(_now(shop)):
        end(turn)
        return _called_by_name(shop, turn)
    if _WANTS_BACK.fullmatch(turn.text.strip(_MARKS)):
        end(turn)
        return shop.say("person.back")
    if _for_the_bot(turn):
        return None
    if not talk.together and talk.sent >= WAITING_MESSAGES:
        end(turn)
        return shop.say("person.nobody", again=tap(_ASK, _ASK), help=tap(_HELP, _HELP))
    _write(turn, _after(talk, _now(shop)))
    return to_customer_service(turn.message)


def came(shop: Shop, turn: Turn) -> None:
    """``kf_create_session``, ``kf_switch_session``: a person has taken over, asked for or not."""
    account = inside(turn.message, "KfAccount") or inside(turn.message, "ToKfAccount")
    shop.members.record(turn.openid, "person_came", {"account": account})
    _write(turn, Talk(together=True, since=_now(shop)))


def went(shop: Shop, turn: Turn) -> None:
    """``kf_close_session``: the next word is the bot's again."""
    shop.members.record(turn.openid, "person_went", {"account": inside(turn.message, "KfAccount")})
    end(turn)


def _called_by_name(shop: Shop, turn: Turn) -> str | None:
    """「课伴」 without anybody to come back from: a tap on an old message, or just a hello."""
    return shop.say("small_talk.greeting") if turn.text.strip(_MARKS) == _BACK else None


def _for_the_bot(turn: Turn) -> bool:
    tapped = bool(getattr(turn.message, "tap_id", "")) and turn.text != _ASK
    return tapped or bool(_FOR_THE_BOT.fullmatch(turn.text))


def _after(talk: Talk, now: int) -> Talk:
    """While two talk each message renews the time; waiting is counted and not renewed."""
    return Talk(True, now) if talk.together else Talk(False, talk.since, talk.sent + 1)


def _now(shop: Shop) -> int:
    return int(shop.clock.now_s())


def _read(turn: Turn) -> Talk | None:
    found = re.fullmatch(r"([01]) (\d{1,12}) (\d{1,3})", turn.session.notes.get(_NOTE, ""))
    return Talk(found[1] == "1", int(found[2]), int(found[3])) if found else None


def _write(turn: Turn, talk: Talk) -> None:
    turn.session.notes[_NOTE] = f"{talk.together:d} {talk.since} {talk.sent}"


def end(turn: Turn) -> None:
    """From now on the bot answers."""
    turn.session.notes.pop(_NOTE, None)
