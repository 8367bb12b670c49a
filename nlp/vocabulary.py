"""What the words of a question are worth in one catalogue: how technical, how everyday, how telling."""

from collections import Counter
from collections.abc import Mapping, Sequence

from nlp.aside import is_aside
from nlp.chatter import STOP
from nlp.concepts import Concepts
from nlp.everyday import everyday_words, proves_nothing
from nlp.lexical import HEAD, SUMMARY, TAGS, TITLE, Bm25f
from nlp.prose import leaning
from nlp.refuse import Topic, information, is_common
from nlp.telling import Telling
from nlp.words import whole

TELLS = 2.5  # nats from which a word tells of a subject by itself
BEYOND = 0.5  # what a word counts that is said of what nobody teaches here
USUAL = 0.5  # nats by which a question may lean away from technical prose: all people say 孩子 and 累
OF_THE_TRADE = 0.3  # share of the courses that our concepts know, from which a shop is one of our trade


class Vocabulary:
    """The words of a catalogue beside those of the concepts. `taught` are the concepts that some course is
    about, `ours` the share of the courses that have to do with one of those which the shop did not add."""

    def __init__(self, index: Bm25f, known: Concepts, taught: frozenset[int], ours: float) -> None:
        self._concepts, self._names = known, known.own_names
        in_heads = index.how_many(HEAD)
        self._heads, self._summaries = in_heads.keys(), index.how_many(SUMMARY).keys()
        # What this shop teaches is no small talk here, be it 吉他; a 手机 in a summary is no subject.
        own = {word for word in self._summaries if not is_common(word)}
        own |= known.own_names | {word for word in known.own_needs if not is_common(word)}
        self.everyday = everyday_words() - self._heads - own
        self._foreign = {word: each for word in self._heads if (each := self._foreignness(word))}
        self._own = own
        self._of_the_trade = min(ours / OF_THE_TRADE, 1.0)
        shares = {word: count / index.size for word, count in in_heads.items()}
        shares |= dict.fromkeys(known.own_names, 1.0)
        self._telling = Telling(_said(known, taught, ours), _written(index), shares, ours)

    def weigh(self, topic_words: Sequence[str]) -> Topic:
        """What a question is made of."""
        worth = {word: information(word) for word in topic_words}
        total = sum(worth.values()) or 1.0
        known = sum(each * self._knows(word) for word, each in worth.items() if word not in self.everyday)
        common = sum(each for word, each in worth.items() if word in self.everyday)
        telling = tuple(self._telling.of_all(topic_words))
        foreign = sum(each * self._foreign.get(word, 0.0) for word, each in worth.items()) / total
        # Who asks for what is taught here may tell any story around it: 下班后想学吉他.
        story = (1 - foreign) ** 2
        everyday, aloof = common / total * story, self._aloof(worth) * story
        return Topic(worth, known / total, everyday, telling, aloof, foreign)

    def tells(self, word: str) -> bool:
        """Whether a word by itself tells of what is taught here, wherever it stands."""
        return self._telling.of(word) >= TELLS

    def is_aside(self, word: str) -> bool:
        """Whether a word is only said beside the subject: 老板, 最好; never one that this shop teaches."""
        return word not in self._heads and word not in self._names and is_aside(word)

    def _foreignness(self, word: str) -> float:
        """How far a word of a title or tag is a subject of which neither our concepts nor technical prose
        speak, 0 to 1: all of 咖啡, half of 手工, which some need has in passing."""
        if word.isascii() or word in STOP or proves_nothing(word) or leaning(word) > 0:
            return 0.0
        return 1.0 - self._concepts.knows(word)

    def _aloof(self, worth: Mapping[str, float]) -> float:
        """How far a question is from technical prose; less in a shop of another trade."""
        telling = {word: worth[word] for word in whole(worth) if not proves_nothing(word)}
        total = sum(telling.values()) or 1.0
        leans = sum(self._leaning(word) * each for word, each in telling.items()) / total
        return min(leans + USUAL, 0.0) * self._of_the_trade

    def _leaning(self, word: str) -> float:
        """A subject of this shop is never strange to it."""
        return max(leaning(word), 0.0) if word in self._heads or word in self._own else leaning(word)

    def _knows(self, word: str) -> float:
        """How technical a word is here: a common one in a summary (公司) no more than in a need."""
        if word in self._heads or (word in self._summaries and not is_common(word)):
            return 1.0
        return max(self._concepts.knows(word), 0.5 * (word in self._summaries))


def _said(known: Concepts, taught: frozenset[int], ours: float) -> Mapping[str, float]:
    """How often each word is said of what is taught; and of all the trade, in a shop of it: five courses
    are too few to tell what a question about computers sounds like."""
    said: Counter[str] = known.said_of(taught)
    share = BEYOND * min(ours / OF_THE_TRADE, 1.0)
    if share:
        for word, count in known.said_of(frozenset(range(len(known)))).items():
            said[word] += count * share  # type: ignore[assignment] # counts may be parts
    return said


def _written(index: Bm25f) -> Mapping[str, int]:
    """In how many titles, tags and summaries a word stands."""
    counts: Counter[str] = Counter()
    for field in (TITLE, TAGS, SUMMARY):
        counts.update(index.how_many(field))
    return counts
