"""A message that goes on from the one before it: `那Java呢`, `便宜一点的`, `有没有更深的`, `不要视频`.

How it does is told by how it is said:

    alone     a button, or told in full: nothing of before is looked at
    anew      it has a subject of its own: only what somebody said of themselves (零基础) lives on
    instead   那Java呢, 换成React, 也想学Git: the new subject takes the place of the one before, and of what
              was refused with that; level, price, length and form live on
    on        no subject of its own, or it points back (这个, 类似的): both are put into one question, in
              which a new price or level takes the place of the old one

A limit lives as long as its subject, and no longer than it could be kept: who was told that nothing is free
has heard it. What comes out is a question that stands alone; that text is what the conversation remembers.
"""

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple, Protocol

from nlp import intent, limits, unwanted, wishes, words
from nlp.limits import Limits
from nlp.reading import Reading
from nlp.teachers import without_stranger

MOST_BEFORE = 3  # earlier questions that are looked at
LONGEST = 30  # characters; what is longer is told in full

_OF_COURSES = (intent.ASK, intent.RECOMMEND, intent.OFFTOPIC)
_POINTS_BACK = re.compile(
    r"这(?:个|门|些|种|类|方面|块|方向|两)|那(?:个|门|些|种|类)|它们?|上面|刚才|前面|之前的|类似|相关的?|"
    r"一样的|其中|哪[个门](?:更|比较|最)|(?:学|看)完(?:之后|以后|了)"
)
# So does this, where nothing is named that it could mean instead: 还有Redis的吗 asks for that.
_GOES_BACK = re.compile(r"同样|除此|以外|还(?:有|需要|要|可以|能)")
_BEGINS = re.compile(
    r"^(?:那么?|还有|另外|最好|要是|如果|但是?|不过|太|再|换成?|改成?|更|偏|稍微|能不能|可不可以|可以|"
    r"有没有|有无|有|要|适合|"
    r"我(?:想要?|要|不要|不想|没有?|会|已经)|不要|别|不想|只|就|必须)"
)
_ENDS = re.compile(r"(?:呢|的|的吗|的么|的嘛|的呢|的有吗|的有没有|一?[点些]|吗)[?!。 ]*$")
_INSTEAD = re.compile(
    r"^(?:那么?|要是|如果|换成?|改成?|换个|还有)*\s*(?:我)?(?:想)?(?:学|做|用|是|要|有)?"
    r"(?P<topic>[^,。!?]{1,16}?)的?(?:课程?)?"
    r"(?:呢|怎么样|行吗|可以吗|有吗|有没有)[?!。 ]*$"
    r"|^(?:那么?)?(?:换成?|改成?|改学|换学)(?P<other>[^,。!?]{1,16})$"
)
_HELD_AGAINST = re.compile(r"^(?:和|跟|与|比|相比)")
_THE_SAME_FOR = re.compile(r"^那么?(?![个门些种类样])(?:有没有|有|要|想学)?|^我?也|同样")
_ADDS = re.compile(r"^(?:但|不过|最好|太)|^(?:要|想|最好|只)?用.{1,12}的$")
# Who cannot program says it of themselves, and asks for no course on 编程.
_CANNOT = re.compile(
    r"(?:但是?|可是?|不过)?我?(?:是|也|都|完全|根本|从来|从|还)*(?:不会|不懂|没学过|没写过|没碰过|没接触过)"
    r"(?:写|敲)?(?:编程|代码|程序|技术|电脑)(?:的|啊|呀|怎么办|,|能学吗|可以学吗|[?!。 ])*"
)
# Whether somebody like them may learn it: what, was said before.
_WHETHER_FOR_ME = re.compile(
    r"(?:不好|不会|不懂|不行|没学过|没有?.{1,6}|岁|女生|文科|高中|初中|大专|孩子|老人)的?(?:人|了|也|,)*"
    r"(?:能|可以|适合|来得及|学得会)(?:来|不能)?(?:学会?)?(?:吗|么|嘛)[?!。 ]*$"
)
# What a thing is made with: 用Python抓网页 → 那Java呢 still is about 抓网页.
_LANGUAGES = re.compile(
    r"(?<![a-z])(?:python|java|javascript|js|typescript|ts|golang|go|c\+\+|c#|php|rust|ruby|kotlin|swift|"
    r"scala|matlab|sql)(?:语言)?(?![a-z+#])"
)
_TELLS_OF = re.compile(
    r"讲(?!得|的)|关于|教(?!程|学|得|的)"
)  # 有没有讲怎么提高效率的 names its subject, as a need
# A word of letters, or what somebody says who begins: 想学…, 怎么…, …的课.
_OWN_SUBJECT = re.compile(r"[a-z][a-z0-9+#.]{2,}|想[^学]{0,4}学|^(?:怎么|如何|学)|课")
_GAPS = re.compile(r"(?:\s*,\s*){2,}")


class Knows(Protocol):
    """What has to be asked of a catalogue."""

    def names(self, normal: str) -> Sequence[str]:
        """The names of concepts in a `plain` text, as they stand there."""

    def fits(self, reading: Reading) -> bool:
        """Whether any course fits a question that is asked alone."""

    def keeps(self, reading: Reading) -> bool:
        """Whether any course that fits keeps to what was said of price, length, language and form."""

    def is_talk(self, reading: Reading) -> bool:
        """Whether it has words of everyday talk."""


class Kind(Enum):
    """How a message goes on; see above."""

    ALONE = auto()
    ANEW = auto()
    INSTEAD = auto()
    ON = auto()


class Way(NamedTuple):
    """The kind, and the new subject of `INSTEAD`."""

    kind: Kind
    topic: str = ""


def together(now: Reading, before: Reading, knows: Knows) -> str:
    """One question that stands alone, of this one and the one before it; the text itself when it already
    does."""
    kind, topic = way(now, knows)
    if kind is Kind.ANEW:
        return _anew(now, before, knows)
    if kind is Kind.INSTEAD:
        return _instead(topic, now, before, knows)
    if kind is Kind.ON and (before.words or before.limits != Limits()):
        said = words.plain(now.text)
        return f"{_bare(now, before, knows)}，{'零基础' if _CANNOT.fullmatch(said) else said}"
    return now.text


def way(now: Reading, knows: Knows) -> Way:
    """How a message goes on from whatever was asked before it."""
    said = words.plain(now.text)
    of_a_list = now.intent == intent.RECOMMEND and now.asked  # 最便宜的是哪门, 有新课吗: or of the shelf
    if of_a_list or now.intent not in _OF_COURSES or len(said) > LONGEST:
        return Way(Kind.ALONE)
    instead = _INSTEAD.match(said)
    topic = (instead["topic"] or instead["other"] or "") if instead else ""
    if _CANNOT.fullmatch(said) or _WHETHER_FOR_ME.search(said) or _HELD_AGAINST.match(topic):
        return Way(Kind.ON)
    if topic and knows.names(topic):
        return Way(Kind.INSTEAD, topic)
    own = bool(knows.names(now.topic))
    if own and not _POINTS_BACK.search(said) and _THE_SAME_FOR.search(said):
        return Way(Kind.INSTEAD, _THE_SAME_FOR.sub("", said).strip())
    if _goes_on(said, now, own) or _lost_alone(said, now, own, knows):
        return Way(Kind.INSTEAD, topic) if topic and _is_subject(said, now, knows) else Way(Kind.ON)
    return Way(Kind.ANEW if now.words else Kind.ALONE)


def _is_subject(said: str, now: Reading, knows: Knows) -> bool:
    """Whether 那…呢 asks for what some course is about, though nobody listed its name."""
    return said.startswith("那") and bool(now.words) and not knows.is_talk(now) and knows.fits(now)


def _goes_on(said: str, now: Reading, own: bool) -> bool:
    """Whether a message needs the one before it to be understood."""
    if not now.words:
        back = _POINTS_BACK.search(said) or _GOES_BACK.search(said)
        return now.intent != intent.OFFTOPIC or bool(back)
    if _POINTS_BACK.search(said):
        return True
    if own:
        return bool(_ADDS.search(said))
    if _GOES_BACK.search(said):
        return True
    return bool(_BEGINS.match(said) and _ENDS.search(said)) and not _TELLS_OF.search(said)


def _lost_alone(said: str, now: Reading, own: bool, knows: Knows) -> bool:
    """Whether a message that begins nothing new finds nothing: a part of what was said before.

    What has a subject of its own that nobody teaches must hear just that, and not the last list again.
    """
    if own or _OWN_SUBJECT.search(said) or now.stranger:
        return False
    return not knows.is_talk(now) and not knows.fits(now)


def _anew(now: Reading, before: Reading, knows: Knows) -> str:
    """A beginner stays one, whatever is asked for next; not where nobody teaches it."""
    stays = wishes.newcomer(before.text) and not now.limits.level
    return f"{now.text}，零基础" if stays and knows.fits(now) else now.text


def _instead(topic: str, now: Reading, before: Reading, knows: Knows) -> str:
    """那Java呢 after Python 后端: one language gives way to another, and the rest stays; any other subject
    gives way as a whole, without its limits."""
    earlier = _bare(now, before, knows)
    if before.without:
        earlier = unwanted.understand(earlier, knows.names(earlier)).rest
    old, new = _LANGUAGES.search(earlier), _LANGUAGES.fullmatch(topic)
    if old and new:
        return _tidy(f"{earlier[: old.start()]} {topic} {earlier[old.end() :]}")
    living = wishes.told(limits.understand(earlier).limits)
    return f"{topic}，{living}" if living else topic


def _bare(now: Reading, before: Reading, knows: Knows) -> str:
    """The earlier question, without a teacher who is not here, and without a price, a level or a manner that
    could not be kept or when there is a new one."""
    earlier, said, was = words.plain(before.text), now.limits, before.limits
    if before.stranger:
        earlier = without_stranger(earlier)
    told = (was.has_price or was.has_manner) and not knows.keeps(before)
    if told or said.has_manner:
        earlier = limits.without_manner(earlier)
    if told or said.has_price or said.cheap or said.dear:
        earlier = limits.without_price(earlier)
    return _tidy(limits.without_level(earlier) if said.level else earlier)


def _tidy(text: str) -> str:
    return _GAPS.sub(",", text).strip(" ,")
