"""Limits said again: in words that are understood as just these, and what somebody said of themselves.

A talk remembers texts, not limits. What lives on beside a new subject is told in the words that `limits`
understands as the same.
"""

import re

from nlp import words
from nlp.limits import Limits

_DAY = 480  # minutes of work
_LEVELS = {"beginner": "零基础", "intermediate": "进阶的", "advanced": "高级的"}
_LANGUAGES = {"zh": "中文讲的", "en": "英文的"}
_FORMS = {"text": "不要视频", "video": "要视频的", "audio": "要音频的", "live": "要直播的"}

_NEWCOMER = re.compile(
    r"(?:零|0)\s*(?:基础|起点)|小白|新手|初学|菜鸟|门外汉|外行|萌新|文科生|"
    r"没有?(?:任何|什么|啥|一点)?(?:编程)?(?:基础|经验)|没(?:有)?(?:学过|写过代码|碰过|接触过)|"
    r"(?:什么|啥|一点)(?:都|也)?不(?:会|懂)|不(?:会|懂)(?:编程|代码|技术)|一窍不通"
)
_EASIER = re.compile(
    r"太难|看不懂|听不懂|跟不上|(?:简单|容易|浅|基础)(?:一?点|一?些)|(?:更|再|比较)(?:简单|容易|浅|基础)|"
    r"容易上手|(?:太|很|那么|这么)难的?$"
)
_DEEPER = re.compile(
    r"太(?:简单|浅|基础|容易)|(?:更|再)深|深入|(?:更|再)(?:难|高级)|"
    r"(?:难|深|高级|进阶)(?:一?点|一?些)|有难度|更进一步"
)
_SHORTER = re.compile(r"太长|短(?:一?点|一?些)|(?:更|再)短")


def told(limits: Limits) -> str:
    """These limits in words; empty for none."""
    return "，".join(filter(None, (*_manner(limits), *_price(limits), _LEVELS.get(limits.level, ""))))


def newcomer(text: str) -> bool:
    """Whether somebody says that they know nothing yet: true of them whatever they ask for next."""
    return bool(_NEWCOMER.search(text))


def change(text: str) -> str:
    """What a message wants changed of the courses before it: `easier`, `deeper`, `shorter`, or nothing."""
    normal = words.plain(text)
    told_of = (("easier", _EASIER), ("deeper", _DEEPER), ("shorter", _SHORTER))
    return next((name for name, pattern in told_of if pattern.search(normal)), "")


def _manner(limits: Limits) -> tuple[str, ...]:
    return (
        f"{_span(limits.max_minutes)}以内的" if limits.max_minutes is not None else "",
        "短一点的" if limits.short else "",
        _LANGUAGES.get(limits.language, ""),
        _FORMS.get(limits.form, ""),
    )


def _price(limits: Limits) -> tuple[str, ...]:
    least, most = limits.min_price_fen, limits.max_price_fen
    if limits.free or limits.cheap or limits.dear:
        return ("免费的" if limits.free else "便宜一点的" if limits.cheap else "最贵的",)
    if least == 1 and most is None:
        return ("不要免费的",)
    if least is not None and most is not None:
        return (f"{_yuan(least)}到{_yuan(most)}元",)
    told_least = f"{_yuan(least)}元以上的" if least is not None else ""
    return told_least, f"{_yuan(most)}元以内的" if most is not None else ""


def _span(minutes: int) -> str:
    """At most three digits are understood."""
    if minutes < 1_000:
        return f"{minutes}分钟"
    hours, rest = divmod(minutes, 60)
    return f"{hours}小时" if not rest and hours < 1_000 else f"{min(minutes // _DAY, 999)}天"


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02d}" if rest else f"{whole}"
