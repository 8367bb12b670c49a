"""Understanding a message: normalise → limits → slips and names → for whom → what is not wanted →
chatter → intent."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nlp import chatter, frames, intent, limits, refuse, slips, unwanted, words
from nlp.concepts import Concepts
from nlp.everyday import everyday_words
from nlp.intent import Intent
from nlp.limits import Limits
from nlp.refuse import Topic
from nlp.slips import Mended, Slips
from nlp.sounds import BySound
from nlp.spelling import Speller
from nlp.teachers import Teachers
from nlp.vocabulary import TELLS

OFFTOPIC_FROM = 0.6  # share of everyday words

_OF_COURSES = (intent.ASK, intent.RECOMMEND)

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s\u3400-\u9fff]*|(?:mailto:)?[a-z0-9.+_-]+@[a-z0-9.-]+")
_MAY_BE_ADDRESS = re.compile(r"@|//|www")
_OF_LEARNING = re.compile(r"[学课教]|推荐|入门|资料")
_LETTERS = re.compile(r"(?<![a-z0-9])[a-z]{4,}(?![a-z0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was understood to be. `number` is a place in the last list (1 is the first), `numbers`
    are all that were said, `name` a course as the follower called it, `asked` what about a course, the shop
    or a refund (see `asked.py`), `words` the counted words of the topic, `topic` its freed text, `without`
    the names of what is not wanted, `teacher` whose courses alone are, `stranger` a teacher who has none
    here. Words and topic are those of a question; a button has none. `mended` are the slips that were put
    right, each with what it was taken for.
    """

    text: str
    intent: str
    confidence: float
    number: int | None = None
    name: str = ""
    asked: str = ""
    numbers: tuple[int, ...] = ()
    limits: Limits = field(default_factory=Limits)
    words: tuple[str, ...] = ()
    topic: str = ""
    without: tuple[str, ...] = ()
    teacher: str = ""
    mended: slips.Pairs = ()
    stranger: str = ""

    def __hash__(self) -> int:
        """By little of it, as answers are kept by readings: the same text is mostly read the same."""
        return hash((self.text, self.topic))


class Reader:
    """Reads messages for one catalogue. `indexed` tells whether any course has a word."""

    def __init__(
        self,
        known: Concepts,
        vocabulary: Iterable[str],
        weigh: Callable[[Sequence[str]], Topic],
        indexed: Callable[[str], bool],
        *,
        own: words.Own | None = None,
        teachers: Iterable[str] = (),
        heads: Iterable[str] = (),
    ) -> None:
        """`heads`: the words of titles and tags, which a slip may mean."""
        self._concepts, self._weigh, self._indexed, self._own = known, weigh, indexed, own
        self._teachers = Teachers(teachers, lambda word: indexed(word) or bool(known.mentions(word)))
        listed = known.slips_in_letters
        meant = everyday_words() | chatter.STOP
        speller = Speller({*vocabulary, *known.codes} - listed, meant, listed)
        self._talk_taught = everyday_words().intersection(heads)
        in_heads = {word for word in slips.names_among(heads) if not refuse.is_common(word)}
        self._slips = Slips((BySound(sorted(in_heads)), _names_by_sound(known)), speller)
        self._speller = speller

    def read(self, text: str) -> Reading:
        """Never fails: whatever cannot be understood is `ask` or `offtopic` with low confidence."""
        normal = words.plain(text[: words.MAX_QUERY_CHARS])
        bare = _ADDRESS.sub(" ", normal) if _MAY_BE_ADDRESS.search(normal) else normal
        understood = limits.understand(bare)
        teacher, rest, stranger = self._teachers.asked_for(understood.rest)
        freed, named, without = self._freed(rest)
        mended = self._mended(rest, *self._slips.doubts(freed.cut, self._own), named)
        if mended.text != rest:
            freed, named, without = self._freed(mended.text)
        meant = intent.detect(normal, free_words=len(freed.words))
        if (teacher or stranger) and meant.intent in _OF_COURSES:
            meant = Intent(intent.ASK, 1.0)
        elif meant.intent != intent.ASK:
            return Reading(text, *meant, understood.limits, mended=mended.pairs)
        elif freed.words:
            meant = self._look_closer(meant, freed, named)
        elif not without:
            meant = _about_nothing(normal, understood)
        topic = (freed.words, freed.text, without, teacher, mended.pairs, stranger)
        return Reading(text, *meant, understood.limits, *topic)

    def _freed(self, rest: str) -> tuple[chatter.Freed, list[str], tuple[str, ...]]:
        """What is left of a question, the names of concepts in it, and those of what is not wanted."""
        wanted, without = self._wanted(frames.without(rest, self._talk_taught))
        named = self._named(wanted)
        return chatter.free(wanted, named, self._own), named, without

    def _named(self, rest: str) -> list[str]:
        """The names of concepts, as they stand in a text."""
        return [name for names in self._concepts.mentions(rest).values() for name in names]

    def _wanted(self, rest: str) -> unwanted.Told:
        """The question without what is not wanted, and the names of that."""
        return unwanted.understand(rest, self._named(rest)) if unwanted.says_no(rest) else unwanted.Told(rest)

    def _mended(self, rest: str, chinese: bool, letters: bool, named: Sequence[str]) -> Mended:
        """The question with its slips put right, where there may be one."""
        if not (chinese or letters):
            return Mended(rest)
        mended, pairs = self._slips.mended(rest, named, self._own, chinese=chinese)
        spelt: dict[str, str] = {}
        if letters:
            mended = _LETTERS.sub(lambda match: self._spelt(match.group(), spelt), mended)
        return Mended(mended, (*pairs, *spelt.items()))

    def _spelt(self, word: str, slips_of: dict[str, str]) -> str:
        mended = self._speller.mended(word)
        stem = len(mended) - 1
        if mended[:stem] != word[:stem]:  # queries for query is no slip to be told
            slips_of[word] = mended
        return mended

    def _look_closer(self, asked: Intent, freed: chatter.Freed, named: Sequence[str]) -> Intent:
        """A question about everyday things, or in words that prove nothing, is off topic. A single common
        word proves nothing even if somebody's need has it: 名字, 打开."""
        if named:
            return asked
        topic = self._weigh(freed.words)
        if topic.everyday >= OFFTOPIC_FROM:
            return Intent(intent.OFFTOPIC, topic.everyday)
        lone = len(freed.words) == 1 and topic.known < 1
        if lone and not freed.words[0].isascii() and max(topic.telling, default=0.0) >= TELLS:
            return asked  # 报表, of which somebody's need speaks and people seldom do
        if (lone or not topic.known) and not any(map(self._telling, freed.words)):
            return Intent(intent.OFFTOPIC, 0.6)
        return asked

    def _telling(self, word: str) -> bool:
        """Whether a word that stands in the text of some course tells of a subject: 等于 does not."""
        return refuse.may_tell(word) and self._indexed(word)


@lru_cache(maxsize=1)
def _names_by_sound(known: Concepts) -> BySound:
    """The names of our dictionary are the same for every catalogue of a process."""
    return BySound(sorted(slips.names_among(known.sayable)))


def _about_nothing(normal: str, understood: limits.Understood) -> Intent:
    """Without a topic: limits or a word of learning are a wish to look around."""
    if understood.limits != Limits():
        return Intent(intent.RECOMMEND, 0.8)
    return Intent(intent.RECOMMEND if _OF_LEARNING.search(normal) else intent.OFFTOPIC, 0.5)
