"""Why this course: one line in Chinese, made only of what really matched, the most telling thing first.

Sentences are for followers; each is true of the course it stands beside, or is not said.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from nlp import refuse, words
from nlp.document import Document
from nlp.limits import Limits

MOST_WORDS = 3
LONGEST_QUOTE = 20  # characters of the follower's own words
MOST_SLIPS = 2
LANGUAGES = {"zh": "中文", "en": "英文"}
FORMS = {"video": "视频", "audio": "音频", "live": "直播"}
PASSING = "passing"  # where words stand that tell of no subject

_SIDE_BY_SIDE = re.compile(r"(?<=[\u4e00-\u9fff])(?=[a-zA-Z0-9])|(?<=[a-zA-Z0-9+#])(?=[\u4e00-\u9fff])")
_JOINING = re.compile(r"[不没一].|.[了着过]|\d\d?")


# What any course on computers has in its title; to name it as the subject would say nothing.
GENERIC = frozenset(
    """
    程序 开发 代码 工作 系统 数据 模型 网站 网页 使用 管理 项目 应用 问题 功能 工具 自动 设计 软件 电脑 技术
    服务 学习 基础 实战 入门 分析 编程 处理 计算机 机器 智能 结构 语言
    """.split()  # noqa: SIM905 - read as a line of words
)


class Near(NamedTuple):
    """A course beside what was said: which neighbour it teaches, and whether none teaches what was said."""

    said: str
    teaches: str
    nearest: bool


class Match(NamedTuple):
    """What one course and one question have in common. `meant`, `named`: pairs of what the follower said and
    what the concept is called, `touched` what only belongs to it, `slip` where they wrote its
    name wrongly, `perhaps` one that they may have meant; `near`: a neighbour; `words`: the matched words by
    the place they stand in; `guess`: a concept that it teaches and that everything said makes likely."""

    meant: tuple[str, str] | None = None
    named: tuple[str, str] | None = None
    touched: tuple[str, str] | None = None
    slip: tuple[str, str] | None = None
    near: Near | None = None
    perhaps: tuple[str, str] | None = None
    words: Mapping[str, Sequence[str]] = {}
    guess: str = ""


def line(question: str, match: Match, limits: Limits, document: Document, *, weak: bool = False) -> str:
    """The whole line; empty when nothing can be said. `weak`: what is only likely may be said, as such."""
    about = subject(question, match) or (_likely(question, match) if weak else [])
    return "，".join(
        [
            *about,
            *_language(limits, document),
            *_level(limits, document),
            *_length(limits, document),
            *_price(limits, document),
        ]
    )


def facts(limits: Limits, document: Document) -> str:
    """For a course that was not searched for but looked up by its limits: what it is, in three words."""
    level = {"beginner": "零基础能学", "intermediate": "适合有点基础的你", "advanced": "讲得比较深"}.get(
        document.level
    )
    return "，".join(
        [told for told in (level,) if told]
        + _length(limits, document)
        + (_price(limits, document) or [price(document.price_fen)])
    )


def quote(question: str, said: Iterable[str]) -> str:
    """The stretch of the follower's own words from the first to the last of these; shortened when long."""
    low = question.lower()
    places = [(start, start + len(word)) for word in said if (start := low.find(word)) >= 0]
    if not places:
        return ""
    stretch = question[min(start for start, _ in places) : max(end for _, end in places)].strip()
    return stretch if len(stretch) <= LONGEST_QUOTE else stretch[: LONGEST_QUOTE - 1] + "…"


def mended(pairs: Iterable[tuple[str, str]]) -> str:
    """Which slips were put right, for who may have meant something else."""
    told = [f"「{slip}」当作「{meant}」来找" for slip, meant in pairs]
    return "，".join(told[:MOST_SLIPS])


def price(fen: int) -> str:
    """9900 → 99 元, 1990 → 19.9 元, 0 → 免费."""
    if fen == 0:
        return "免费"
    yuan, rest = divmod(fen, 100)
    return f"{yuan} 元" if not rest else f"{yuan}.{rest:02d}".rstrip("0") + " 元"


def subject(question: str, match: Match) -> list[str]:
    """The firm part of a reason; empty when there is only likelihood."""
    for tell in (_slip, _meant, _in_head, _named, _called, _in_text, _touched, _near):
        told = tell(question, match)
        if told:
            return [told]
    return []


def is_firm(question: str, match: Match) -> bool:
    """Whether there is more than likelihood: a firm reason, or words in its text, if they tell little."""
    if subject(question, match):
        return True
    everywhere = words.whole(word for found in match.words.values() for word in found if len(word) > 1)
    return len(everywhere) > 1 or not all(map(refuse.is_common, everywhere))


def _meant(question: str, match: Match) -> str:
    said, concept = match.meant or ("", "")
    return _spaced("你说的", said, f"就是{concept}") if _tells(question, said, concept) else ""


def _named(question: str, match: Match) -> str:
    said, concept = match.named or ("", "")
    return _spaced("你说的", said, f"就是{concept}这一块") if _tells(question, said, concept) else ""


def _slip(_: str, match: Match) -> str:
    said, meant = match.slip or ("", "")
    return f"你说的「{said}」应该是「{meant}」" if said else ""


def _touched(question: str, match: Match) -> str:
    """One word, 网页 or 接口, belongs to several concepts and is none of them."""
    said, concept = match.touched or ("", "")
    return f"讲到的「{concept}」和「{said}」有关" if _tells(question, said, concept) else ""


def _called(_: str, match: Match) -> str:
    """It is about what was named, in other words than the follower's: 老火靓汤 for 煲汤."""
    said, concept = match.named or ("", "")
    has_it = any(
        said.lower() in found for found in match.words.values()
    )  # then it is told as it stands there
    return f"会讲到「{concept}」" if concept and not has_it else ""


def _spaced(before: str, said: str, behind: str) -> str:
    """With a space between Chinese and letters, but none in what the follower said."""
    return f"{before}「{said}」{_SIDE_BY_SIDE.sub(' ', behind)}"


def _likely(question: str, match: Match) -> list[str]:
    """For a course that comes up in answer to a question that is about courses, by weaker signs."""
    said, concept = match.perhaps or ("", "")
    if _tells(question, said, concept):
        return [_spaced("你说的", said, f"可能是{concept}")]
    if concept:
        return [_SIDE_BY_SIDE.sub(" ", f"你可能是想学{concept}")]
    if match.guess:
        return [_SIDE_BY_SIDE.sub(" ", f"讲到的「{match.guess}」可能和你说的有关")]
    shared = [word for found in match.words.values() for word in found]
    return [_words(question, {"any": shared}, (("any", "里面提到了"),)) or "意思和你说的有点接近"]


def _tells(question: str, said: str, concept: str) -> bool:
    """Whether it is news to call that so: not when the follower named it in the same words."""
    return bool(said) and concept.lower() not in question.lower() and said.lower() not in concept.lower()


def _near(_: str, match: Match) -> str:
    near = match.near
    if near is None or not near.said:
        return ""
    if near.nearest:
        return f"没有专讲「{near.said}」的课；这门讲到的「{near.teaches}」和它相邻"
    return f"讲到的「{near.teaches}」和「{near.said}」相邻"


def _in_head(question: str, match: Match) -> str:
    telling = {place: [word for word in found if word not in GENERIC] for place, found in match.words.items()}
    return _words(question, telling, (("title", "标题就是讲"), ("tags", "专门讲")))


def _in_text(question: str, match: Match) -> str:
    everywhere = _tellable(
        [word for place, found in match.words.items() for word in found if place != PASSING]
    )
    if len(everywhere) == 1 and "summary" not in match.words and refuse.is_common(everywhere[0]):
        return ""  # that a text has 电脑 or 工作 somewhere is no reason
    in_body = _tellable(match.words.get("body", ()))
    lone = len(in_body) == 1 and refuse.is_common(in_body[0])  # 打开 tells nothing without 网站
    sayings = (
        ("summary", "会讲到"),
        ("anywhere" if lone else "body", "课里讲到了"),
        ("anywhere", "课里讲到了"),
    )
    return _words(question, {**match.words, "anywhere": everywhere}, sayings)


def _words(question: str, found_in: Mapping[str, Sequence[str]], sayings: Iterable[tuple[str, str]]) -> str:
    for place, saying in sayings:
        found = _tellable(found_in.get(place, ()))
        if found:
            return saying + "".join(f"「{_as_written(question, word)}」" for word in found[:MOST_WORDS])
    return ""


def _tellable(found: Sequence[str]) -> list[str]:
    """Without single characters and letters, without what only joins words (不了, 改了) or counts (the 35 of
    35 岁), and without parts of longer words that matched as well."""
    return words.whole(word for word in found if len(word) > 1 and not _JOINING.fullmatch(word))


def _as_written(question: str, word: str) -> str:
    start = question.lower().find(word)
    return question[start : start + len(word)] if start >= 0 else word


def _language(limits: Limits, document: Document) -> list[str]:
    """For whoever asked for another one than it is taught in."""
    wanted, given = limits.language, document.taught_in
    return [f"不过是{LANGUAGES[given]}的"] if wanted and wanted != given and given in LANGUAGES else []


def _level(limits: Limits, document: Document) -> list[str]:
    if not limits.level or limits.level != document.level:
        return []
    return [
        {"beginner": "零基础能跟上", "intermediate": "正适合有点基础的你", "advanced": "讲得够深"}[
            limits.level
        ]
    ]


def _length(limits: Limits, document: Document) -> list[str]:
    if not document.minutes or not (limits.short or limits.max_minutes is not None):
        return []
    hours = document.minutes / 60
    return [f"大约 {document.minutes} 分钟学完" if hours < 2 else f"大约 {round(hours)} 小时学完"]


def _price(limits: Limits, document: Document) -> list[str]:
    fen = document.price_fen
    if limits.free:
        return ["免费"] if fen == 0 else [f"不过要 {price(fen)}"]
    if limits.max_price_fen is not None and fen > limits.max_price_fen:
        return [f"不过要 {price(fen)}，超出了 {price(limits.max_price_fen)}"]
    if limits.has_price:
        return [f"{price(fen)}，在你说的价位里"] if limits.allows(fen) else [f"{price(fen)}"]
    return [price(fen)] if limits.cheap else []


def no_such_teacher(name: str) -> str:
    """For whoever asked for somebody who does not teach here."""
    return f"没有找到{name}老师的课"


def none_keeps(said: Limits) -> str:
    """Why nothing is left of what fits."""
    if said.free:
        return "这一类暂时没有免费的"
    if said.has_price:
        return _no_such_price(said)
    if said.language or said.form:
        return not_so_given(said)
    if said.max_minutes is not None or said.short:
        return "这么短的暂时没有"
    return "这样的暂时没有"


def not_so_given(said: Limits) -> str:
    """Why there is nothing in a language or a form."""
    if said.language == "en":
        return "这里的课都是中文的，暂时没有英文的"
    if said.form in FORMS:
        return f"这里的课都是图文，没有{FORMS[said.form]}"
    return "这样的暂时没有"


def _no_such_price(said: Limits) -> str:
    if said.max_price_fen is not None and said.min_price_fen is None:
        return f"{price(said.max_price_fen)}以内暂时没有合适的"
    return "这个价位暂时没有合适的"
