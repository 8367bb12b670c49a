"""Who answers: WeRoBot's registration of handlers, with an order and a failure that can be relied on.

Handlers are registered as in WeRoBot (``@robot.text``, ``@robot.key_click("HELP")``, ``@robot.filter(…)``,
``add_handler``) and take ``()``, ``(message)`` or ``(message, session)``, where the session is the follower's
`Conversation`. They return text, a WeRoBot reply, or None to leave the message to the next handler.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from werobot.replies import TextReply, WeChatReply, process_function_reply
from werobot.robot import BaseRoBot

from bot.conversation import Conversation
from bot.message import Message
from bot.reply import MAX_TEXT_BYTES, as_text, cut, render
from infra.errors import KebanError
from infra.log import get_logger

log = get_logger("bot")

LEAST_OWED_BYTES = 120  # less says nothing

Handler = Callable[..., "str | WeChatReply | None"]
Say = Callable[[str], str]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Answer:
    """``xml`` is the whole reply, b"" for none.

    ``outcome`` labels the figures: ``answered``, ``silent`` (no handler had anything to say), ``failed``.
    """

    xml: bytes
    outcome: str
    reply: WeChatReply | None = None

    @property
    def text(self) -> str:
        """The reply as a customer-service message; "" when it cannot be one."""
        return as_text(self.reply) if self.reply is not None else ""


NOTHING = Answer(b"", "silent")


class KebanRobot(BaseRoBot):  # type: ignore[misc]  # the library is untyped
    """WeRoBot's robot without its wire, its sessions and its client.

    ``say`` gives the sentence of a key: ``error.sorry`` and the keys that errors carry (`KebanError.say`).
    """

    if TYPE_CHECKING:
        # The library's decorators with the types that it does not give; a handler keeps its own.
        handler: Callable[[H], H]
        text: Callable[[H], H]
        image: Callable[[H], H]
        voice: Callable[[H], H]
        video: Callable[[H], H]
        shortvideo: Callable[[H], H]
        location: Callable[[H], H]
        link: Callable[[H], H]
        unknown: Callable[[H], H]
        subscribe: Callable[[H], H]
        unsubscribe: Callable[[H], H]
        scan: Callable[[H], H]
        click: Callable[[H], H]
        view: Callable[[H], H]
        unknown_event: Callable[[H], H]

        def key_click(self, key: str) -> Callable[[H], H]: ...
        def filter(self, *args: str | re.Pattern[str]) -> Callable[[H], H]: ...

    def __init__(self, say: Say) -> None:
        super().__init__(SESSION_STORAGE=False)
        self._say = say
        self._in_order: list[tuple[str, Handler, int]] = []
        self._by_type: dict[str, list[tuple[Handler, int]]] = {}

    def add_handler(self, func: Handler, type: str = "all") -> None:
        """Registers for a type of WeRoBot's, or for ``all``. Who is registered first is asked first."""
        # An event that WeChat added after the library was written is registered like any other.
        self._handlers.setdefault(type, [])
        super().add_handler(func, type)
        self._in_order.append((type, *self._handlers[type][-1]))
        self._by_type.clear()

    def get_handlers(self, type: str) -> list[tuple[Handler, int]]:
        """WeRoBot asks the catch-all handlers last and forgets types that it does not know; here neither."""
        known = self.known(type)
        if known not in self._by_type:
            self._by_type[known] = [(func, argc) for t, func, argc in self._in_order if t in (known, "all")]
        return self._by_type[known]

    def known(self, type: str) -> str:
        """The type under which a message is handled and counted."""
        if type != "all" and type in self._handlers:
            return type
        return "unknown_event" if type.endswith("_event") else "unknown"

    def answer(self, message: Message, session: Conversation) -> Answer:
        """Never raises: a fault becomes a sentence for the follower and a cause in the log."""
        try:
            return self._answer(message, session)
        except KebanError as error:
            log.warning("handler_refused", type=message.type, openid=message.source, cause=str(error))
            return self._apologise(message, session, error.say)
        except Exception:
            # The outermost edge of a handler: whatever trips it, the follower must not stay without a word.
            log.exception("handler_broke", type=message.type, openid=message.source)
            return self._apologise(message, session, KebanError.say)

    def get_reply(self, message: Message, session: Conversation | None = None) -> WeChatReply | None:
        """The first reply in order of registration, or None. Errors of handlers are the caller's."""
        for handler, argc in self.get_handlers(message.type):
            reply = handler(*(message, session)[:argc])
            if reply:
                return _as_reply(reply, message)
        return None

    def sentence(self, message: Message, key: str) -> Answer:
        """A sentence of ours as a whole answer."""
        reply = _as_reply(self._say(key), message)
        return Answer(render(reply), "failed", reply)

    def with_owed(self, answer: Answer, message: Message, talk: Conversation, *, now_s: float) -> Answer:
        """The answer with what is due of the talk's earlier ones before it; it is crossed off there.

        The new answer stays whole; the earliest one gets the room that is left, others go along whole. All
        wait on when there is no room, or when the answer is no text.
        """
        due = talk.due(now_s)
        if not due or not isinstance(answer.reply, TextReply):
            return answer
        head, foot = f"{self._say('late.head')}\n", f"\n\n{self._say('late.foot')}\n\n{answer.text}"
        room = MAX_TEXT_BYTES - len((head + foot).encode())
        if room < LEAST_OWED_BYTES:
            return answer
        texts, told = due[0].text, 1
        while told < len(due) and len((longer := f"{texts}\n\n{due[told].text}").encode()) <= room:
            texts, told = longer, told + 1
        talk.owed = tuple(owed for owed in talk.owed if owed not in due[:told])
        reply = _as_reply(head + cut(texts, room) + foot, message)
        return Answer(render(reply), answer.outcome, reply)

    def with_notice(self, answer: Answer, message: Message, key: str) -> Answer:
        """A text with a sentence of ours behind it; another kind of answer as it is."""
        if not isinstance(answer.reply, TextReply):
            return answer
        notice = f"\n\n{self._say(key)}"
        reply = _as_reply(cut(answer.text, MAX_TEXT_BYTES - len(notice.encode())) + notice, message)
        return Answer(render(reply), answer.outcome, reply)

    def _answer(self, message: Message, session: Conversation) -> Answer:
        reply = self.get_reply(message, session)
        return Answer(render(reply), "answered", reply) if reply is not None else NOTHING

    def _apologise(self, message: Message, session: Conversation, key: str) -> Answer:
        session.revert()
        return self.sentence(message, key)


def _as_reply(given: Any, message: Message) -> WeChatReply:
    reply = process_function_reply(given, message=message)
    if not isinstance(reply, WeChatReply):
        raise TypeError(f"a handler returned {type(given).__name__}; a reply is text or one of WeRoBot's")
    return cast(WeChatReply, reply)
