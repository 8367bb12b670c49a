"""Whose courses are asked for: 林间老师讲的, 林老师的课; and whether it is somebody who has none here."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from nlp import words

_TITLE = r"(?:老师|讲师|大神|教练)"
_HAS = r"(?=的课|讲的|教的|主讲|有(?:什么|哪些)课)"
_TEACHES = r"(?:主?讲|教|开)?(?:的|了)?"
# The family names of nine people in ten.
_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_STRANGER = re.compile(
    rf"(?:^|[ ,。!?]|有没有|有|找|看|听|上|跟|想学|想要?|要|推荐)([{_FAMILY}][\u4e00-\u9fff]{{0,2}}?){_TITLE}"
    rf"(?:的|主?讲的?|教的?|开的|(?=有(?:什么|哪些)课))(?:课程?)?"
)


class Asked(NamedTuple):
    """The teacher whose courses are asked for, or the `stranger` who has none here ("" each), and the rest of
    the text."""

    teacher: str
    rest: str
    stranger: str = ""


class Teachers:
    """The teachers of one catalogue."""

    def __init__(self, names: Iterable[str], is_topic: Callable[[str], bool]) -> None:
        """`is_topic`: whether a word is something that can be learnt, as 高数 is."""
        self._names, self._is_topic = words.Own(map(words.plain, names)), is_topic
        self._pattern = _by_teacher(self._names.words)

    def asked_for(self, text: str) -> Asked:
        """Who is asked for in a `plain` text."""
        # Thousands of names are tried on a text only if one of them stands in it.
        match = self._pattern.search(text) if self._pattern and self._names.places(text) else None
        if match:
            return Asked(next(name for name in match.groups() if name), _without(text, match))
        if "老师" not in text and "讲师" not in text and "教练" not in text:
            return Asked("", text)
        stranger = _STRANGER.search(text)
        if not stranger or self._is_topic(stranger[1]):
            return Asked("", text)
        return self._by_family(stranger[1], _without(text, stranger))

    def _by_family(self, name: str, rest: str) -> Asked:
        """林老师, where one teacher is called 林间; of several nobody knows which."""
        meant = [each for each in self._names.words if len(name) == 1 and each.startswith(name)]
        return Asked(meant[0], rest) if len(meant) == 1 else Asked("", rest, name)


def without_stranger(text: str) -> str:
    """A `plain` question without the teacher who has none here: that nobody knows them is said once."""
    match = _STRANGER.search(text)
    return _without(text, match).strip(" ,") if match else text


def _by_teacher(names: Iterable[str]) -> re.Pattern[str] | None:
    """林间老师, 林间的课, or nothing but 林间: inside of a sentence the name may be a common word."""
    known = sorted({re.escape(name) for name in names if len(name) > 1}, key=len)
    if not known:
        return None
    name = "|".join(reversed(known))
    return re.compile(rf"({name})(?:{_TITLE}|{_HAS}){_TEACHES}|(?:老师|讲师)({name}){_TEACHES}|^({name})$")


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
