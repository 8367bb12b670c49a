"""How a course should be given: its length (`半小时以内`, `一天能学完的`, `不要太长`), its language
(`英文的`) and its form (`不要视频`). Each only where a course must be meant: 30 天以内的数据 and 视频剪辑 are
topics.
"""

import re
from typing import NamedTuple

_MINUTES = {"分钟": 1, "刻钟": 15, "小时": 60, "钟头": 60, "天": 480, "日": 480, "周末": 960, "晚上": 180}
_MINUTES |= {"周": 2_400, "星期": 2_400, "礼拜": 2_400, "月": 9_600}  # of working days
_DIGITS = {
    "半": 0.5,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}

_HINT = re.compile(
    "分钟|刻钟|小时|钟头|天|日|周|星期|礼拜|月|晚上|长|短|英|中文|汉语|国语|双语|视频|图文|文字|音频|直播"
)
_SPAN = (
    r"(?P<%s>\d{1,3}(?:\.\d)?|半|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
    r"\s*个?(?P<%s_half>半)?(?P<%s_unit>分钟|刻钟|小时|钟头|天|日|周末|晚上|周|星期|礼拜|月)"
)
_BEHIND = r"(?=\s*(?:$|[,。!?吗吧呢]|的?(?:课|教程))|\s)"
_DONE = r"(?:学|看|读|听|上)(?:得)?(?:完|会|好)|搞定|速成|上手|入门|结束"


def _span(name: str) -> str:
    return _SPAN % (name, name, name)


_LENGTH = re.compile(
    rf"{_span('a')}\s*(?:以内|之内|以下|内)?(?:就?能|就?可以|就)(?:{_DONE})的?"
    rf"|{_span('b')}\s*(?:以内|之内|以下|内)?(?:{_DONE})的?(?!了)"
    rf"|(?:不超过|不要超过|别超过|最多|顶多)\s*{_span('c')}(?:的|以内)?{_BEHIND}"
    rf"|(?:^|[,。!? ]|有没有|要|找|有){_span('d')}\s*(?:以内|之内|以下|内)(?:的|{_BEHIND})"
    rf"|{_span('e')}\s*(?:以内|之内|以下|内)的?{_BEHIND}"
)
_ASKS = re.compile(r"多(?:久|长)|几(?:天|个?小时)|吗|能不能|可不可以|可以学完")
_SHORT = re.compile(
    rf"(?:不要|不想(?:要|学|看)?|别|不能|不用|不)太长的?(?:课程?)?{_BEHIND}"
    rf"|(?:时间|课时|时长|课程?)(?:要)?短(?:一?[点些])?的?(?:课程?)?|^短(?:一?[点些])的?(?:课程?)?{_BEHIND}"
    rf"|^(?:那|我?想要?|我?要|有没有|有|还有|能|可以|再|更|稍微)+短(?:一?[点些])?的?(?:课程?)?{_BEHIND}"
    # 这门课太长了 is a wish; 标题太长了怎么办 is a question.
    rf"|^(?:感觉|觉得|但是?|不过)?(?:这|那)?(?:些|个|门|几[个门])?(?:课程?)?(?:都|也|还是|感觉)*(?:有点|太|时间太|课时太)长"
    rf"(?:了|啊)?(?=\s*(?:$|[,。!?]))"
    rf"|(?<=[, ])短(?:一?[点些])的?(?:课程?)?{_BEHIND}|(?:短一点|短一些)的?(?:课程?){_BEHIND}"
)
_GIVEN = r"(?:授课|讲课|教学|讲解|讲授|讲|教|上课)"
_NOT = r"(?:不要|不想(?:要|看|听)?|别|不看|不听|不能|看不懂|听不懂)"
_IN_WORDS = r"(?:英文|英语|全英文?|英)"
_CHINESE = re.compile(
    rf"{_NOT}{_IN_WORDS}{_GIVEN}?的?(?:课程?|教程)?{_BEHIND}"
    rf"|(?:要|用|全|是|有)*(?:中文|汉语|国语|普通话){_GIVEN}的?|(?:有没有|要|有|全)*(?<![成为到用转的])(?:中文|汉语|国语)的?(?:课程?|教程)?{_BEHIND}"
)
_ENGLISH = re.compile(
    rf"(?:要|用|是|有)*(?:英文|英语|全英文?){_GIVEN}的?|(?:有没有|要|有|是|全)+(?:英文的?|英语的)(?:课程?|教程)?{_BEHIND}"
    rf"|英文(?:版)?的?(?:课程?|教程){_BEHIND}|英文的{_BEHIND}|\b(?:taught )?in english\b"
)
_NO_VIDEO = re.compile(
    rf"(?:不要|不想(?:要|看)?|不看|别(?:给我)?|不喜欢(?:看)?|讨厌(?:看)?|没时间看|非)视频(?:课程?|教程|教学|讲解|形式|类)?的?{_BEHIND}"
    rf"|(?:要|有|看|只要|只看|想要|喜欢(?:看)?)*(?:图文|文字)(?:版|课程?|教程|形式|讲解|类)的?"
)
_VIDEO = re.compile(
    rf"(?:要|必须|最好|只要|想要)(?:是|有|能|可以|看)*视频(?:课程?|教程|教学|讲解|形式|类)?的?{_BEHIND}"
    # 有没有视频的 asks for it; 有没有视频剪辑的课 for a subject.
    rf"|(?:有没有|有无|^有|(?<=[,， ])有)(?:能看|可以看|带)?"
    rf"视频(?:课程?|教程|教学|讲解|形式|类|版)?的?{_BEHIND}"
    rf"|(?<=.)有(?:没有)?视频(?:课程?|教程|讲解|版)?的?(?:吗|么)[?!。 ]*$|的视频(?:课程?|教程){_BEHIND}"
    rf"|^视频(?:课程?|教程|讲解|版)?的?有(?:吗|没有|么){_BEHIND}|(?:想|只想)看视频(?:来)?学(?:习)?{_BEHIND}"
    rf"|(?:要|必须|只要|想要)(?:能|可以)看视频的|(?:只看|想看|能看|可以看)视频(?:课程?|教程|教学|讲解|形式)?的?{_BEHIND}|视频(?:形式|讲解)的?{_BEHIND}"
)
_AUDIO = re.compile(rf"(?:有没有|要|有|能|可以|想)*(?:听)?音频(?:课程?|版|形式)?的?{_BEHIND}")
_LIVE = re.compile(rf"(?:有没有|要|有|必须|想要|最好)+(?:是)?直播(?:课程?|授课|形式)?的?{_BEHIND}")
_FORMS = (("text", _NO_VIDEO), ("video", _VIDEO), ("audio", _AUDIO), ("live", _LIVE))


class Manner(NamedTuple):
    """What was said of it: at most so many minutes, rather short, `language` and `form` or empty."""

    max_minutes: int | None = None
    short: bool = False
    language: str = ""
    form: str = ""


NONE = Manner()


def understand(text: str) -> tuple[Manner, str]:
    """What a `plain` text says of it, and the text without that."""
    if not _HINT.search(text):
        return NONE, text
    minutes, rest = _length(text)
    short, rest = _taken(_SHORT, rest)
    chinese, rest = _taken(_CHINESE, rest)
    english, rest = (False, rest) if chinese else _taken(_ENGLISH, rest)
    form = ""
    for name, pattern in _FORMS:
        found, rest = (False, rest) if form else _taken(pattern, rest)
        form = name if found else form
    return Manner(minutes, short, "zh" if chinese else "en" if english else "", form), rest


def _length(text: str) -> tuple[int | None, str]:
    match = _LENGTH.search(text)
    if not match or _ASKS.search(text):  # 一天能学完吗 asks about a course
        return None, text
    name = next(key for key in "abcde" if match[key])
    size = _number(match[name]) + (0.5 if match[f"{name}_half"] else 0)
    return int(size * _MINUTES[match[f"{name}_unit"]]), _without(text, match)


def _number(said: str) -> float:
    if said[0].isdigit():
        return float(said)
    tens, place, ones = said.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if place else 0) + _DIGITS.get(ones, 0)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[bool, str]:
    match = pattern.search(text)
    return (True, _without(text, match)) if match else (False, text)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
