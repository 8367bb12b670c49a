"""The dictionary of concepts, cut: what takes long of making it ready."""

from collections.abc import Sequence
from typing import NamedTuple

from nlp import chatter, words
from nlp.concept import Concept
from nlp.names import Names


class Cut(NamedTuple):
    """For each concept its `plain` names, the counted words of each name, the neighbours it names and what
    each is to it ("near", the "whole", learnt "before"); for each need, one concept after another, what is
    left of it without chatter: the words and the text."""

    names: Sequence[Sequence[str]]
    name_words: Sequence[Sequence[Sequence[str]]]
    near: Sequence[Sequence[int]]
    ties: Sequence[Sequence[str]]
    need_words: Sequence[Sequence[str]]
    need_texts: Sequence[str]


def cut(concepts: Sequence[Concept], own: words.Own | None = None) -> Cut:
    """Half a second for a thousand of them. `own`: names that our dictionaries would cut up."""
    names = [[words.plain(name) for name in concept.names] for concept in concepts]
    known = Names(names, own)
    ties = [_ties(known, concept) for concept in concepts]
    freed = [chatter.free(words.plain(need)) for concept in concepts for need in concept.needs]
    return Cut(
        names,
        [[words.words(name, own) for name in each] for each in names],
        [[*each] for each in ties],
        [[*each.values()] for each in ties],
        [each.words for each in freed],
        [each.text for each in freed],
    )


def _ties(known: Names, concept: Concept) -> dict[int, str]:
    told = ((concept.near, "near"), (concept.part_of, "whole"), (concept.before, "before"))
    return {place: tie for near, tie in told for name in near for place in known.mentions(words.plain(name))}
