"""A message that goes on from the one before: `那Java呢`, `便宜一点的`, `有没有更深的`, `不要视频`.

Whether it does is told by how it is said: it has no topic of its own, points back (这个, 类似的), or begins
or ends as only an answer does (那…, …呢); or it is short, and alone nothing is found for it. Then both are
put into one question that stands alone, in which the new price or level takes the place of the old one. That
text is what the conversation remembers.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from nlp import intent, limits, words
from nlp.reading import Reading

MOST_BEFORE = 3  # earlier questions that are looked at
LONGEST = 30  # characters; what is longer is told in full

_LETTERS = re.compile(r"[a-z][a-z0-9+#.]*")
_POINTS_BACK = re.compile(
    r"这(?:个|门|些|种|类|方面|块|方向|两)|那(?:个|门|些|种|类)|它们?|上面|刚才|前面|之前的|同样|类似|相关的?|一样的|"
    r"其中|哪[个门](?:更|比较|最)|除此|以外|还(?:有|需要|要|可以|能)|(?:学|看)完(?:之后|以后|了)"
)
_BEGINS = re.compile(
    r"^(?:那么?|还有|另外|最好|要是|如果|但是?|不过|太|再|换成?|改成?|更|偏|稍微|能不能|可不可以|可以|"
    r"有没有|有无|有|要|"
    r"我(?:想要?|要|不要|不想|没有?|会|已经)|不要|别|不想|只|就|必须)"
)
_ENDS = re.compile(r"(?:呢|的|的吗|的么|的嘛|的呢|的有吗|的有没有|一?[点些]|吗)[?!。 ]*$")
_INSTEAD = re.compile(
    r"^(?:那么?|要是|如果|换成?|改成?|换个|还有)*\s*(?:我)?(?:想)?(?:学|做|用|是|要|有)?"
    r"(?P<topic>[^,。!?]{1,16}?)的?(?:课程?)?"
    r"(?:呢|怎么样|行吗|可以吗|有吗|有没有)[?!。 ]*$"
    r"|^(?:那么?)?(?:换成?|改成?|改学|换学)(?P<other>[^,。!?]{1,16})$"
)
# A word of letters, or what somebody says who begins: 想学…, 怎么…, …的课.
_OWN_SUBJECT = re.compile(r"[a-z][a-z0-9+#.]{2,}|想[^学]{0,4}学|^(?:怎么|如何|学)|课")


class Knows(Protocol):
    """What has to be asked of a catalogue."""

    def names(self, normal: str) -> Sequence[str]:
        """The names of concepts in a `plain` text, as they stand there."""

    def fits(self, reading: Reading) -> bool:
        """Whether any course fits a question that is asked alone."""

    def is_talk(self, reading: Reading) -> bool:
        """Whether it has words of everyday talk."""


def together(now: Reading, before: Reading, knows: Knows) -> str:
    """One question that stands alone, of this one and the one before it; the text itself when it already
    does."""
    said, earlier = words.plain(now.text), words.plain(before.text)
    if now.intent == intent.RECOMMEND and now.asked:
        return now.text
    if now.intent not in (intent.ASK, intent.RECOMMEND, intent.OFFTOPIC) or len(said) > LONGEST:
        return now.text
    instead = _INSTEAD.match(said)
    topic = (instead["topic"] or instead["other"] or "") if instead else ""
    if topic and knows.names(topic):
        return _exchanged(topic, _bare(earlier, now), knows.names(earlier))
    names_a_topic = bool(knows.names(said))
    if before.words and (_goes_on(said, now, names_a_topic) or _lost_alone(said, now, names_a_topic, knows)):
        return f"{_bare(earlier, now)}，{said}"
    return now.text


def stands_alone(now: Reading, knows: Knows) -> bool:
    """Whether `together` gives the text itself, whatever was asked before. It is asked for every message, and
    most of them do."""
    said = words.plain(now.text)
    if now.intent == intent.RECOMMEND and now.asked:  # 最便宜的是哪门, 有新课吗: of a list, or of the shelf
        return True
    if now.intent not in (intent.ASK, intent.RECOMMEND, intent.OFFTOPIC) or len(said) > LONGEST:
        return True
    if _INSTEAD.match(said):
        return False
    names_a_topic = bool(knows.names(said))
    return not (_goes_on(said, now, names_a_topic) or _lost_alone(said, now, names_a_topic, knows))


def _goes_on(said: str, now: Reading, names_a_topic: bool) -> bool:
    """Whether a message needs the one before it to be understood."""
    if not now.words:
        return now.intent != intent.OFFTOPIC or bool(_POINTS_BACK.search(said))
    if _POINTS_BACK.search(said):
        return True
    if names_a_topic:
        return said.startswith(("那", "但", "不过", "最好", "太"))
    return bool(_BEGINS.match(said) and _ENDS.search(said))


def _lost_alone(said: str, now: Reading, names_a_topic: bool, knows: Knows) -> bool:
    """Whether a message that begins nothing new finds nothing: a part of what was said before.

    What has a subject of its own that nobody teaches must hear just that, and not the last list again.
    """
    if names_a_topic or _OWN_SUBJECT.search(said) or now.stranger:
        return False
    return not knows.is_talk(now) and not knows.fits(now)


def _bare(earlier: str, now: Reading) -> str:
    """The earlier question, without a price, a level or a manner when there is a new one."""
    if now.limits.has_manner:
        earlier = limits.without_manner(earlier)
    if now.limits.has_price or now.limits.cheap or now.limits.dear:
        earlier = limits.without_price(earlier)
    return limits.without_level(earlier) if now.limits.level else earlier


def _exchanged(topic: str, earlier: str, named: Sequence[str]) -> str:
    """那Java呢 after Python 后端: what was named first gives way, the rest stays."""
    first = min(named, key=earlier.find, default="")
    letters = _LETTERS.search(first)
    if letters and topic.isascii():
        first = letters.group()  # Python后端 is a name too
    rest = earlier.replace(first, f" {topic} ", 1).strip() if first else earlier
    return rest if topic in rest else f"{rest}，{topic}"
