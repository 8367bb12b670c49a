"""What a follower does not want: 不要 python, 除了爬虫, 不是 Java 的. Taken out of the question, and kept."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_NO = (
    r"(?:(?<!要)不要|(?<!想)不想要?|(?<!学)不学|(?<!喜欢)不喜欢|(?<!是)不是|(?<!用)不用|(?<!看)不看|不打算|不考虑|不感兴趣的?|"
    r"别(?:给我)?(?:推荐|发|再)?|讨厌|排除|除了|除去|除开|除)"
)
_DOING = r"(?:再|推荐|给我|学习|学|做|搞|写|用|看|买|碰|讲|关于|任何){0,3}"
# 不要 Python 基础 says that none is needed; 不用 Python 怎么爬 goes on with a topic of its own.
_AFTER = (
    r"(?:语言|编程|开发)?(?:这些|这种|那种|之类|方面|相关|方向|类)?的?(?:课程|课|教程|内容|东西)?(?:以外|之外|外)?"
    r"(?:的话|了|的)?(?!基础|经验|[a-z0-9])"
)
_SAYS_NO = re.compile(_NO)
_ASKS_WHY = re.compile(r"为什么|为啥|为何")  # 为什么不用 Java asks about Java


class Told(NamedTuple):
    """A question without what is not wanted in it, and the names of that."""

    rest: str
    names: tuple[str, ...] = ()


def says_no(text: str) -> bool:
    """Whether a `plain` text has any word of refusing in it."""
    return bool(_SAYS_NO.search(text)) and not _ASKS_WHY.search(text)


def understand(text: str, named: Iterable[str]) -> Told:
    """Look for each of the `named` concepts, as they stand in a `plain` text, behind a no."""
    longest_first = sorted({each for each in named if not each.endswith("基础")}, key=len, reverse=True)
    if not longest_first:
        return Told(text, ())
    name = "|".join(map(re.escape, longest_first))
    # No comma between them: 不要 Java，后端 goes on with what is wanted.
    several = rf"(?:{name})(?:\s*(?:和|或者?|跟|与|、|,?也不要|以及)\s*(?:{name}))*"
    unwanted = re.compile(rf"{_NO}\s*{_DOING}\s*(?P<names>{several})\s*{_AFTER}")
    found = [match["names"] for match in unwanted.finditer(text)]
    names = (said.group() for each in found for said in re.finditer(name, each))
    return Told(unwanted.sub(" ", text), tuple(dict.fromkeys(names)))
