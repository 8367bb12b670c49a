"""The dictionary of concepts, cut: what takes long of making it ready."""

from collections.abc import Sequence
from typing import NamedTuple

from nlp import chatter, words
from nlp.concept import Concept
from nlp.names import Names


class Cut(NamedTuple):
    """For each concept its `plain` names, the counted words of each name, the neighbours it names; for each
    need, one concept after another, what is left of it without chatter: the words and the text."""

    names: Sequence[Sequence[str]]
    name_words: Sequence[Sequence[Sequence[str]]]
    near: Sequence[Sequence[int]]
    need_words: Sequence[Sequence[str]]
    need_texts: Sequence[str]


def cut(concepts: Sequence[Concept]) -> Cut:
    """Half a second for a thousand of them."""
    names = [[words.plain(name) for name in concept.names] for concept in concepts]
    known = Names(names)
    freed = [chatter.free(words.plain(need)) for concept in concepts for need in concept.needs]
    return Cut(
        names,
        [[words.words(name) for name in each] for each in names],
        [_places(known, concept.near) for concept in concepts],
        [each.words for each in freed],
        [each.text for each in freed],
    )


def _places(known: Names, near: Sequence[str]) -> list[int]:
    return list(dict.fromkeys(place for name in near for place in known.mentions(words.plain(name))))
