"""Several questions in one message: `想学爬虫，另外有没有讲git的`.

Parted only where the follower says so (另外, 还有, 顺便, a question mark), and only when each part names a
subject that no other part names: 另外便宜一点 is no question of its own.
"""

import re
from collections.abc import Callable, Sequence

from nlp import intent
from nlp.reading import Reading

MOST = 3  # questions in one message; what comes behind them stays with the last
LONGEST = 120  # characters; a longer message tells a story

_BORDER = re.compile(
    r"[?？]+\s*|[\s,，。;；!！]+(?=(?:另外|还有|还想|顺便|再问|对了|以及|同时(?:还|也)?(?:想|要)|再(?:推荐|来)))"
)
_BEGINS = re.compile(
    r"^(?:另外|还有|顺便|对了|以及|再问(?:一下|下)?|再)(?:再)?(?:问(?:一下|下)?|请问)?[\s,，]*(?:就是)?"
)


def parts(text: str) -> tuple[str, ...]:
    """The message in parts that may be questions of their own; the message itself when there is one."""
    if len(text) > LONGEST:
        return (text,)
    cut = [bare for part in _BORDER.split(text, maxsplit=MOST - 1) if (bare := _BEGINS.sub("", part.strip()))]
    return tuple(cut) if len(cut) > 1 else (text,)


def read_all(
    text: str, read: Callable[[str], Reading], names: Callable[[str], Sequence[str]]
) -> tuple[Reading, ...]:
    """Each question of a message by itself; a single one as it is."""
    cut = parts(text)
    readings = tuple(map(read, cut)) if len(cut) > 1 else ()
    named = [frozenset(names(reading.topic)) for reading in readings]
    if not readings or not all(named) or any(reading.intent != intent.ASK for reading in readings):
        return (read(text),)
    together = frozenset[str]().union(*named)
    return readings if len(together) == sum(map(len, named)) else (read(text),)
