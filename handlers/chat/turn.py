"""One message in its conversation, as the handlers see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from bot.conversation import Conversation
from bot.message import Message
from content.course import Catalogue, Course
from handlers.shop import Shop
from infra.errors import Unavailable
from infra.log import get_logger
from nlp import Librarian, Reading
from payments.rights import Access

log = get_logger("chat")


T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - stands where `functools.cached_property` would
    """A value that is worked out when it is first asked for. One thread has a turn, so nothing is locked."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    @overload
    def __get__(self, owner: None, kind: Any) -> once[T]: ...
    @overload
    def __get__(self, owner: object, kind: Any) -> T: ...
    def __get__(self, owner: object, kind: Any) -> Any:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._work_out(owner)
        return value


class Turn:
    """What was said, by whom, and after what; each thing is looked up once, when it is asked for."""

    def __init__(self, shop: Shop, message: Message, session: Conversation) -> None:
        self._shop = shop
        self.message = message
        self.session = session
        self.notices: list[str] = []  # what the follower should know about the answer; each once

    def asking(self, text: str) -> Turn:
        """The same turn as if ``text`` had been typed: the title of a link, for instance."""
        turn = Turn(self._shop, self.message, self.session)
        turn.text = text
        turn.before = ()
        turn.notices = self.notices
        return turn

    @property
    def openid(self) -> str:
        return str(self.message.source)

    @once
    def text(self) -> str:
        """What was typed, or what WeChat heard in a voice message."""
        heard = getattr(self.message, "content", None) or getattr(self.message, "recognition", None)
        return str(heard or "").strip()

    @once
    def librarian(self) -> Librarian:
        return self._shop.library.librarian()

    @once
    def before(self) -> tuple[str, ...]:
        """The question that the last list answered: the next one may go on from it (那Java呢)."""
        listing = self.session.listing
        return (listing.query,) if listing and listing.query else ()

    @once
    def reading(self) -> Reading:
        return self.librarian.read(self.text, self.before)

    @once
    def goes_on(self) -> bool:
        """Whether this is about the subject of the question before it: 便宜点的, and not 那Java呢."""
        return bool(self.before) and self.librarian.goes_on(self.text)

    @once
    def catalogue(self) -> Catalogue:
        return self._shop.shelf.catalogue()

    def means(self, *intents: str) -> bool:
        """Whether the text was understood as one of these intents."""
        return bool(self.text) and self.reading.intent in intents

    def listed(self, number: int) -> Course | None:
        """The course with this number of the page that was shown last."""
        listing = self.session.listing
        at = listing.offset + number - 1
        if number < 1 or at >= len(listing.ids):
            return None
        return self.catalogue.by_id(listing.ids[at])

    @once
    def owned(self) -> Access:
        """What this follower may read."""
        return self._shop.till.owned(self.openid)

    @once
    def seems_owned(self) -> Access:
        """The same for a list, which is some help without it, too: none, and a word about it in the answer,
        while the books cannot be read.
        """
        try:
            return self._shop.till.owned_lately(self.openid)
        except Unavailable as error:
            log.warning("owned_unknown", openid=self.openid, cause=str(error))
            self.notices.append(self._shop.say("list.owned_unknown"))
            return Access()
