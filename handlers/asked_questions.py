"""What others asked and were shown a course for: counted, without names, and nothing that one person said.

A question is shown only when several followers asked it in the same words, so it tells of nobody; what looks
like a number, an address or a contact is left out all the same. What a few friends say in one evening is no
question of many: each must have come on another day. None that speaks ill or leads elsewhere is shown.
"""

from __future__ import annotations

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.library import Library
from infra.clock import Clock
from infra.errors import Unavailable
from infra.log import get_logger
from learners.event_log import Event, EventLog

log = get_logger("web")

FEWEST_ASKERS = 3
FEWEST_DAYS = 3  # on which one of them asked it first
LOOK_BACK = timedelta(days=180)
MOST_EVENTS = 5000  # the newest; a shop where more are asked in half a year has enough in these
KEPT = timedelta(minutes=10)
MOST_SHOWN = 5
MOST_TRIED = 12  # of each course, so that a look-up stays short
ANSWERS_WITHIN = 3  # the librarian's first places: what a follower is shown at once
_CHARS = range(4, 31)
# Numbers of telephones, orders, accounts; addresses of any kind; names of other messengers.
_PERSONAL = re.compile(
    r"\d{4,}|[@＠]|https?:|www\.|\.(?:com|cn|net)\b|微信号|手机|电话|邮箱|身份证|加我|qq", re.IGNORECASE
)
# On a page of the shop these are an advertisement or an insult, whoever says them.
_ELSEWHERE = re.compile(
    r"淘宝|闲鱼|拼多多|网盘|盗版|资源群|加群|进群|刷单"
    r"|骗|垃圾|坑人|坑钱|割韭菜|智商税|退钱|退款|投诉|举报|傻[逼叉x]|操你|妈的|他妈|去死"
)
_ENDS = " \t\r\n。.！!？?，,、~～…"
_GAPS = re.compile(r"\s+")


@dataclass(frozen=True)
class Question:
    """``askers``: how many followers asked this."""

    text: str
    askers: int


class AskedQuestions:
    """By course. Counted anew every ten minutes at the most; safe to share by threads."""

    def __init__(self, events: EventLog, library: Library, clock: Clock) -> None:
        self._events = events
        self._library = library
        self._clock = clock
        self._counting = threading.Lock()
        self._counted_at: datetime | None = None
        self._by_course: Mapping[str, Sequence[Question]] = {}
        self._answered: dict[str, tuple[Question, ...]] = {}

    def of(self, course_id: str) -> tuple[Question, ...]:
        """What was asked most first. Nothing rather than an error when the log cannot be read."""
        if self._is_due() and self._counting.acquire(blocking=False):
            try:
                self._count()
            finally:
                self._counting.release()
        known = self._answered.get(course_id)
        if known is None:
            tried = self._by_course.get(course_id, ())[:MOST_TRIED]
            known = tuple(one for one in tried if self._answers(one.text, course_id))[:MOST_SHOWN]
            self._answered[course_id] = known
        return known

    def _answers(self, text: str, course_id: str) -> bool:
        """Whether it is a question by itself (便宜一点的 is none) to which the course is still an answer."""
        hits = self._library.librarian().search(text, limit=ANSWERS_WITHIN).hits
        return any(hit.id == course_id for hit in hits)

    def _is_due(self) -> bool:
        return self._counted_at is None or abs(self._clock.now() - self._counted_at) >= KEPT

    def _count(self) -> None:
        now = self._clock.now()
        try:
            events = self._events.of_kind("ask", since=now - LOOK_BACK, limit=MOST_EVENTS)
        except Unavailable as error:
            log.warning("questions_not_counted", cause=str(error))
            events = []
        self._by_course, self._answered, self._counted_at = counted(events), {}, now


def counted(events: Iterable[Event]) -> dict[str, list[Question]]:
    """By course id the questions that enough followers asked on enough days, in the words of most of them."""
    askers: dict[tuple[str, str], dict[str, date]] = defaultdict(dict)
    words: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        text = _plain(event.data.get("text", ""))
        if len(text) not in _CHARS or _PERSONAL.search(text) or _ELSEWHERE.search(text):
            continue
        same = text.casefold()
        words[same][text] += 1
        for course_id in event.data.get("shown", ()):
            first = askers[course_id, same]
            first[event.openid] = min(event.at.date(), first.get(event.openid, date.max))
    found: dict[str, list[Question]] = defaultdict(list)
    for (course_id, same), first in askers.items():
        if len(first) >= FEWEST_ASKERS and len(set(first.values())) >= FEWEST_DAYS:
            found[course_id].append(Question(words[same].most_common(1)[0][0], len(first)))
    return {course_id: sorted(each, key=_often_first) for course_id, each in found.items()}


def _often_first(question: Question) -> tuple[int, str]:
    return -question.askers, question.text


def _plain(text: str) -> str:
    return _GAPS.sub(" ", text.strip(_ENDS))
