"""The limits a follower sets in a question: price and level. `两百以下`, `免费的`, `零基础`,
`有没有便宜点的`. For length, language and form see `manner.py`.

Prices are understood in yuan as they are said and kept in fen. What was understood is taken out of the text,
so that 200 and 以内 are not searched for.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from nlp import manner
from nlp.document import Document
from nlp.needed import Quick

_PriceFields = dict[str, Any]  # some of the price fields of Limits


@dataclass(frozen=True, slots=True)
class Limits:
    """What a course must keep to. Prices in fen, both ends included; `level`, `language` and `form` as in a
    Document, or empty."""

    max_price_fen: int | None = None
    min_price_fen: int | None = None
    free: bool = False
    cheap: bool = False
    dear: bool = False  # the dearest first; no limit, an order
    level: str = ""
    max_minutes: int | None = None
    short: bool = False  # no longer than most here
    language: str = ""
    form: str = ""

    @property
    def has_manner(self) -> bool:
        return self.max_minutes is not None or self.short or bool(self.language or self.form)

    @property
    def has_price(self) -> bool:
        return self.free or self.max_price_fen is not None or self.min_price_fen is not None

    def allows(self, price_fen: int) -> bool:
        """Whether a price keeps to what was said of it."""
        if self.free:
            return price_fen == 0
        over = self.max_price_fen is not None and price_fen > self.max_price_fen
        return not over and price_fen >= (self.min_price_fen or 0)

    def gives(self, document: Document, longest: int | None) -> bool:
        """Whether a course is as it should be given, as far as anybody said: its length in minutes (`longest`
        for who wants a short one), language and form."""
        most = [limit for limit in (self.max_minutes, longest) if limit is not None]
        if most and document.minutes > min(most):
            return False
        return all(
            not wanted or not given or wanted == given
            for wanted, given in ((self.language, document.taught_in), (self.form, document.form))
        )


NONE = Limits()


class Understood(NamedTuple):
    """The limits of a question, and the question without them."""

    limits: Limits
    rest: str


_NUMBER = r"(?<![a-z0-9.])(\d{1,5}(?:\.\d{1,2})?|[一二两三四五六七八九十百千]{1,7})"
_YUAN = r"\s*(?:块钱|块|元钱|元|圆|rmb|¥|人民币|大洋)"
_SIGN = r"[¥$]?\s*"
_IN_ENGLISH = r"\s*(?:yuan|rmb|cny|kuai)"
_MONEY = _SIGN + _NUMBER
# 1000以内的素数, 100以内加减法: a number of the topic, not a price.
_NOT_A_PRICE = (
    r"(?!\s*的?(?:素数|质数|整数|偶数|奇数|自然数|数字|数|加减|乘|口算|行|字|人|岁|"
    r"天|年|月|版本|分钟|小时|秒))"
)

_BETWEEN = re.compile(
    rf"{_MONEY}(?:{_YUAN})?\s*(?:到|至|[-~—–]+)\s*{_SIGN}{_NUMBER}(?:(?:{_YUAN})(?:之间|左右|以内|的)?|"
    rf"之间的?|以内的?)"
    rf"|(?:价格|价位|预算)\s*(?:是|在|大概|大约)?\s*{_MONEY}\s*(?:到|至|"
    rf"[-~—–]+)\s*{_NUMBER}(?:{_YUAN})?(?:之间)?"
    rf"|(?<![a-z0-9.\-])([1-9]\d{{1,3}}|[一二两三四五六七八九]百)\s*(?:到|至)\s*([1-9]\d{{1,3}}|"
    rf"[一二两三四五六七八九]百)(?=\s*的|\s*$)"
)
_UNDER = re.compile(
    rf"{_MONEY}(?:{_YUAN})?\s*(?:以内|之内|以下|之下|内(?=的|$|,|，|\s)|封顶|不到){_NOT_A_PRICE}的?"
    rf"|(?:不超过|不要超过|别超过|不高于|不大于|低于|小于|少于|最多|至多|顶多|不到|"
    rf"[<≤]=?)\s*{_MONEY}(?:(?:{_YUAN})|(?=[的,，。!?\s]|"
    rf"$))(?:以内|的)?"
    rf"|(?:价格|价位|预算|手头|手里|只有|就)\s*(?:只有|就|是|在|大概|大约|有|剩)*\s*{_MONEY}(?:(?:{_YUAN})|"
    rf"(?=[的学买想看,，。!?\s]|"
    rf"$))(?!以上|起)(?:以内|以下|的)?"
    r"|\b(?:under|below|less than|within|up to|at most|cheaper than|no more than)"
    rf"\s*{_MONEY}(?:{_IN_ENGLISH})?\b"
)
_ABOUT = re.compile(
    rf"{_MONEY}(?:(?:{_YUAN})\s*(?:左右|上下|的)|\s*左右的?(?=课|$))|{_NUMBER}(?:{_YUAN})\s*(?=课)"
    rf"|^\s*{_MONEY}{_YUAN}\s*$"
)
# 一百块 and nothing beside it: so much there is.
_ALL_THERE_IS = re.compile(rf"{_MONEY}{_YUAN}\s*(?=[,，]|能|可以|够|想?学|买|$)|{_MONEY}{_YUAN}\s+(?=\w)")
_OVER = re.compile(
    rf"{_MONEY}{_YUAN}\s*(?:以上|起步|起)的?|(?:高于|大于|超过|不低于|不少于|至少|"
    rf"[>≥]=?)\s*{_MONEY}{_YUAN}(?:的|以上)?"
    rf"|{_MONEY}\s*以上(?=的?\s*(?:课|[,，]|$)){_NOT_A_PRICE}的?|(?:高于|大于|超过)\s*{_MONEY}的?(?=\s*(?:课|$))"
    rf"|\b(?:over|above|more than|at least)\s*{_MONEY}(?:{_IN_ENGLISH})\b"
)
_PAID = re.compile(
    r"(?:不要|不想要?|不看|不考虑|除了)免费的?|^\s*(?:要|只要|看)?(?:收费|付费)的(?:课程?)?(?:吗)?\s*$"
)
_TENS = re.compile(
    rf"(?:几十|数十)(?:{_YUAN})的?|(?:一|1)?百(?:来|把)(?:{_YUAN})的?|(?:一|1)?百多(?:{_YUAN})的?"
)
_FREE = re.compile(
    r"(?:有没有|有什么|有|要|求)?(?:完全|全部|全)?免费(?:的|听|看|学|试听|试看)?"
    r"|不要钱的?|不花钱的?|不收费的?|不用(?:花|付|交)?钱的?|(?<![\d.])0元(?:的|购)?|零元(?:的)?|白嫖的?|\bfree\b"
)
_CHEAP = re.compile(
    r"(?:有没有|有|要|能不能|可以)?(?:更|再|稍微|比较|最)?(?:便宜|实惠|划算|低价)(?:一?点儿?|一?些|"
    r"实惠)?的?(?:吗|嘛)?|(?:太|有点|好)贵了?|"
    r"没(?:什么|多少)?钱|预算(?:不多|有限|少|低)|\b(?:cheap(?:er|est)?|affordable|inexpensive)\b"
)

_DEAR = re.compile(r"(?:价格|售价)?最贵的?|价格最高的?")

_LEVEL_WORDS = (
    (
        "intermediate",
        re.compile(
            r"不是(?:零基础|小白|新手)|进阶的?|中级的?|(?<!没)(?<!没有)有(?:一定|一些|一点|点|"
            r"些)?(?:的)?(?:编程)?(?:基础|经验)(?:了|的)?"
            r"|(?:已经)?(?:入门了|入过门|学过(?:一点|一些|点|基础)|会一点|懂一点)|提高班|往上走|更进一步"
        ),
    ),
    (
        "beginner",
        re.compile(
            r"(?:完全|纯|真|几乎)?(?:是)?(?:零|0)\s*基础(?:的人|的|小白|新手)?|(?:完全|一点|啥都?|"
            r"什么都?)?(?:也|都)?没有?(?:任何|什么|啥|"
            r"一点)?(?:编程)?(?:基础|经验)(?:的人|的)?"
            r"|(?:纯|技术|编程|电脑|it)?小白(?:的|能学的?)?|(?:编程)?新手(?:村|入门|友好|向)?(?:的)?|"
            r"初学者?(?:的)?|菜鸟|门外汉|外行人?|萌新"
            r"|从(?:零|0|头)(?:开始|学起|起步|到一|到1)?(?:学)?|(?:快速|轻松|简单)?入门级?(?:的)?|"
            r"文科生(?:也能学的?)?|零起点|(?:从来|"
            r"从)?没(?:有)?(?:学过|写过代码|碰过代码|接触过)(?:编程|代码)?"
            r"|(?:完全)?不(?:会|懂)(?:编程|代码|技术)(?:的人|的)?|一窍不通|\bbeginners?\b|初级的?|"
            r"太难了?|看不懂|听不懂|跟不上|(?:更|再|比较)?(?:简单|容易|浅|基础)(?:一?点|一?些)的?|"
            r"(?:更|再)(?:简单|容易|浅)的?|(?:有没有|有)?(?:更|比较)?容易上手的?(?=$|[,。!?吗 ])|"
            r"我?(?:(?:什么|啥)(?:都|也)|一点儿?(?:都|也)?)不(?:会|懂)|"
            r"(?:不要|别|不想(?:学|要)?|不能?)(?:太|很|那么|这么)难的?"
        ),
    ),
    (
        "advanced",
        re.compile(
            r"太(?:简单|浅|基础|容易)了?|高级(?!语言)(?:的)?|深入(?!浅出)(?:一?点|一?些|的)?(?:讲解?)?|(?:更|再)深入?(?:一?点|一?些)?的?|"
            r"精通|资深(?:的)?|硬核的?|"
            r"有难度的?|(?:更|再)?难(?:一?[点些])的?|更难的?|(?:更|再)?进阶(?:一?[点些])的?|(?:更|再)高级(?:一?[点些])?的?|高阶的?|\badvanced\b"
        ),
    ),
)

_WHETHER_FREE: tuple[tuple[Quick, _PriceFields], ...] = (
    (Quick(_PAID), {"min_price_fen": 1}),
    (Quick(_FREE), {"free": True}),
)
_HOW_DEAR = ((Quick(_CHEAP), "cheap"), (Quick(_DEAR), "dear"))
_LEVELS = tuple((level, Quick(pattern)) for level, pattern in _LEVEL_WORDS)
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_ABOUT_SPREAD = 0.25  # 100 左右: 75 to 125


def understand(normal: str) -> Understood:
    """Find the limits in a `plain` text and take them out of it."""
    given, rest = manner.understand(normal)
    price, rest = _price(rest)
    level, rest = _level(rest)
    if not (level or price) and given is manner.NONE:
        return Understood(NONE, rest)
    return Understood(Limits(level=level, **given._asdict(), **price), rest)


def without_price(normal: str) -> str:
    """The text without what it says of a price."""
    return _price(normal)[1]


def without_manner(normal: str) -> str:
    """The text without what it says of length, language and form."""
    return manner.understand(normal)[1]


def without_level(normal: str) -> str:
    """The text without what it says of a level."""
    return _level(normal)[1]


def _price(text: str) -> tuple[_PriceFields, str]:
    signs = frozenset(text)
    for quick, meaning in _AMOUNTS:
        match = quick.pattern.search(text) if quick.may_fit(signs) else None
        if match:
            return meaning(match), _without(text, match)
    for quick, fields in _WHETHER_FREE:
        match = quick.pattern.search(text) if quick.may_fit(signs) else None
        if match:
            return {**fields}, _without(text, match)
    for quick, name in _HOW_DEAR:
        rest, found = quick.pattern.subn(" ", text) if quick.may_fit(signs) else (text, 0)
        if found:  # 便宜点的，没钱 says it twice
            return {name: True}, rest
    return {}, text


def _between(match: re.Match[str]) -> _PriceFields:
    low, high = sorted(_fen(number) for number in match.groups() if number)
    return {"min_price_fen": low, "max_price_fen": high}


def _under(match: re.Match[str]) -> _PriceFields:
    return {"max_price_fen": _said(match)}


def _over(match: re.Match[str]) -> _PriceFields:
    return {"min_price_fen": _said(match)}


def _about(match: re.Match[str]) -> _PriceFields:
    fen = _said(match)
    if not fen:
        return {"free": True}
    return {"min_price_fen": int(fen * (1 - _ABOUT_SPREAD)), "max_price_fen": int(fen * (1 + _ABOUT_SPREAD))}


def _tens(match: re.Match[str]) -> _PriceFields:
    return {"max_price_fen": 19_999 if "多" in match.group() else 12_000 if "百" in match.group() else 9_999}


def _said(match: re.Match[str]) -> int:
    return next(_fen(number) for number in match.groups() if number)


def _fen(number: str) -> int:
    return yuan(number) if not number[0].isdigit() else round(float(number) * 100)


def yuan(chinese: str) -> int:
    """两百五 → 25000 fen, 一百二十 → 12000, 十五 → 1500."""
    total, digit, place = 0, 0, 1000
    for sign in chinese:
        if sign in _PLACES:
            place = _PLACES[sign]
            total += (digit or 1) * place
            digit = 0
        else:
            digit = _DIGITS[sign]
    # 两百五 is 250: a last digit counts in the next place down, 二十五 being the same either way.
    return (total + digit * (place // 10 if total else 1)) * 100


_AMOUNTS: tuple[tuple[Quick, Callable[[re.Match[str]], _PriceFields]], ...] = (
    (Quick(_BETWEEN), _between),
    (Quick(_TENS), _tens),
    (Quick(_UNDER), _under),
    (Quick(_OVER), _over),
    (Quick(_ABOUT), _about),
    (Quick(_ALL_THERE_IS), _under),
)


def _level(text: str) -> tuple[str, str]:
    signs = frozenset(text)
    for level, quick in _LEVELS:
        rest, found = quick.pattern.subn(_topic_of, text) if quick.may_fit(signs) else (text, 0)
        if found:
            return level, rest
    return "", text


def _topic_of(match: re.Match[str]) -> str:
    """没写过代码 says a level and a topic; the topic stays."""
    return " 编程 " if re.search(r"编程|代码", match.group()) else " "


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
