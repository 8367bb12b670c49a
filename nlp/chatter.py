"""Freeing a question from what is said around its topic: `想学写单元测试，哪门课适合新手` → `单元测试`.

The largest single gain on questions as people ask them. It must not eat a topic: 学习 goes when it stands
alone, and stays in 机器学习, because our dictionary makes that one word and whole words are dropped only.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from nlp.aside import is_aside
from nlp.everyday import proves_nothing
from nlp.needed import begun
from nlp.words import Own, Token, tokens


class Freed(NamedTuple):
    """What is left of a question: its counted words in order, its text with spaces where chatter stood, and
    that text as it was cut."""

    words: tuple[str, ...]
    text: str
    cut: tuple[str, ...] = ()


# Sayings whose words would be cut wrongly or mean something else alone. Longest first where two could match.
_SAYINGS = re.compile(
    begun(
        "|".join(
            (
                r"(?:我|俺|本人)?(?:也|就|只|很|特别|最近|现在|目前)*(?:想要?|要|希望|打算|准备|计划)"
                r"(?:系统地?|好好|认真|自己|开始)*(?:学习|学会|学学|学点|学一?下|学(?!校|生|院|术|历)|"
                r"了解一?下?)",
                r"(?:帮我|给我|求|请|麻烦|跪求)?推荐(?!系统|算法|引擎|模型)(?:一?下|一?几[个门]|一[个门些]|"
                r"[个点些])?",
                r"(?:有没有|有无|有|求|找|来)?(?:哪|几|一|这|那|什么样的?|什么|哪些|哪种|哪一|某)门?(?:好的?|"
                r"靠谱的?)?(?:课程|课|教程)",
                r"(?:有没有|有无|有啥|有什么|有哪些)",
                r"(?:比较|最|更)?(?:适合|合适)(?:我|的|看|学)*",
                r"(?:应该|该|要|需要|得)?(?:怎么|怎样|如何|咋|咋样)(?:样|办|弄|搞|做|学|写|用|开始|入手|办到|"
                r"实现)?(?:才能|才|能)?",
                r"(?:能不能|可不可以|可以不可以|能否|会不会|是不是|要不要|好不好|行不行|该不该|需不需要|用不用|想不想)",
                r"(?:什么|啥)(?:是|叫)|(?:是|叫)(?:什么|啥)(?:意思|东西|玩意)?|为什么|为啥|什么时候|"
                r"从哪里?(?:开始)?|哪里|哪儿",
                r"(?:学|看|用|做|写)(?:完|会|好)(?:了|之后|以后)?(?:能|可以|会)?",
                r"(?:视频|在线|网络|线上|付费|免费|实战|入门)?(?:教程|教学视频|视频课|网课|公开课|训练营|课程)",
                r"(?:我|俺)?(?:是|就是|作为)?(?:一个|个|一名)?(?:穷|大)?(?:学生党|上班族|打工人|宝妈|全职妈妈|在校生|应届生)",
                r"(?<=[\u4e00-\u9fff])课(?=$|[ ,.!?])",
                r"有吗|有(?:没有)?(?:人|老师)?(?:可以|能)?教的?(?=吗|么|没|$|[ ,.!?])",
                r"能(?:学会|学|看|听懂?)(?!生|习|校|到)",
                r"(?:不会|不懂|不太懂|看不懂|搞不懂|搞不明白|完全没有?概念)",
                r"(?:对|我对)(?=.{1,12}(?:很|非常|挺|比较|特别)?感兴趣)|(?:很|非常|挺|比较|特别|蛮)?感?兴趣",
            )
        )
    )
)

STOP = frozenset(
    """
    我 你 您 他 她 它 我们 你们 咱 咱们 俺 自己 自已 别人 有人 大家 本人 人家 谁 老师 同学 大佬 大神 各位 亲
    大佬们 同学们
    想 要 想要 想学 我想 我要 我想学 希望 打算 准备 需要 求 请 请问 麻烦 帮 帮我 帮忙 给 给我 求助 求教
    请教 教 教我 教教
    学 学习 学会 学学 学点 学一学 学好 学完 了解 掌握 搞懂 弄懂 弄 搞 搞定 看看 看 看到 听 听听 听说 问
    问问 问下 入手 开始 试试 玩
    课 课程 教程 网课 一门 几门 哪门 哪门课 这门 那门 这门课 门 门课 教学 培训 培训班 系列 套 资料 内容 东西
    推荐 推荐一下 介绍 有 没有 有没有 有吗 有关 关于 相关 方面 方向 这方面 之类 类似 一类 类
    怎么 怎样 怎么样 怎么办 如何 咋 啥 什么 哪个 哪些 哪 哪里 哪儿 为什么 为啥 多少 几个 几 多 吗 呢 吧 啊
    呀 哦 嘛 啦 哈 呃 嗯 哎 唉 喔 诶
    了 的 地 得 着 过 是 在 和 与 或 或者 跟 同 及 以及 还是 还 也 都 就 又 再 才 只 很 太 真 挺 蛮 特别
    非常 比较 最 更 超 越 好 好的 不错 合适 适合 靠谱 厉害
    可以 能 能不能 能够 能否 可不可以 会 不会 应该 该 必须 得要 愿意 喜欢 觉得 感觉 认为 知道 不知道 明白
    懂 不懂 行 行不行
    一个 一下 一些 一点 一种 一样 点 些 个 种 次 件 位 那种 这种 某个 每个 每次 每 各种 任何 所有 全部 整个
    把 被 让 使 令 从 到 对 向 为 为了 用 用来 使用 来 去 上 下 里 中 以 于 而 之 其 所 将 当 则 并 且 而且
    通过 根据 按 总 总是 老 反而 越来越 好几 好几个 明明 却 看起来 写过 学过 做过 用过 多久 一次 要花 长得
    一遍 讲 说 找 讲讲 说说 是否 到底 究竟 以上 以下 以内
    只有 只要 只能 只是 完全 全都 根本 其实 真的 甚至 不仅 而已 大概 可能 也许 肯定 一定 当然 已经 正在
    马上 终于 突然 几乎 找到 找不到 得到 拿到 遇到 碰到 想到 做到 办到 发现 变得 成为 属于 包括 还有
    除了 另 某些 某 各 平时 通常 一般
    现在 最近 目前 以前 以后 之后 之前 然后 后来 但是 但 可是 不过 因为 所以 如果 要是 的话 虽然 即使 时候
    有时 有时候 总是 老是 一直 经常 每天 刚 刚刚
    这 那 这个 那个 这些 那些 这句 这句话 这段 那句 那段 这样 那样 这么 那么 这里 那里 其他 别的 另外
    不 别 没 无 非 不是 不想 不要 不用 没法 做 做个 做出 写 写个 写一个 做一个 弄个 搞个 变成 成 出 起来
    下来 出来 上去 起 完 完成 实现 进行
    你好 您好 谢谢 多谢 感谢 哈喽 嗨 在吗
    the a an of to for in on at by and or but if so is are was were am be been do does did have has had i me
    my we us our you your he she it its they them their this that these those there here with without into how
    what when where which who why whom whose want learn learning study course courses class lesson lessons
    tutorial tutorials please any some all about can could will would should shall may might must need teach
    find best good better from out up down not no now yes just only also very much many more most than then
    too get got let lets make making going give tell show know think like im dont cant
    """.split()  # noqa: SIM905 - a list of two hundred quoted words is not read by anybody
)


def free(normal: str, keep: Iterable[str] = (), own: Own | None = None) -> Freed:
    """Free a `plain` text, but for the names in `keep`: 学 falls out of 想学画图, and not out of 图形学.

    Everything may fall out: then nothing was asked about.
    """
    kept_spans = _spans(normal, keep) + (own.places(normal) if own else [])
    bare = _SAYINGS.sub(lambda match: _blank(match, kept_spans), normal)
    kept = [
        token for token in tokens(bare, own) if not _says_nothing(token.text) or _inside(token, kept_spans)
    ]
    counted = tuple(word for token in kept for word in _counted(token) if word not in STOP)
    return Freed(counted, _joined(kept), tuple(token.text for token in kept))


def _spans(normal: str, names: Iterable[str]) -> list[tuple[int, int]]:
    return [span for name in names for span in places(normal, name)]


def places(text: str, name: str) -> Iterable[tuple[int, int]]:
    """Where a name stands in a text, from left to right, not one over another."""
    start = text.find(name)
    while start >= 0 and name:
        end = start + len(name)
        yield start, end
        start = text.find(name, end)


def _blank(match: re.Match[str], kept: list[tuple[int, int]]) -> str:
    touches = any(match.start() < end and start < match.end() for start, end in kept)
    return match.group() if touches else " " * len(match.group())


def _counted(token: Token) -> tuple[str, ...]:
    """Its words; an idiom has no parts: 乱七八糟 is not about seven and eight."""
    return (token.text,) if len(token.text) > 2 and is_aside(token.text) else token.counted


def _inside(token: Token, kept: list[tuple[int, int]]) -> bool:
    return any(start <= token.start and token.end <= end for start, end in kept)


def _says_nothing(word: str) -> bool:
    """Chatter, and how many of something: 几十台, 三十个."""
    return word in STOP or (len(word) > 1 and not word.isdigit() and proves_nothing(word))


def _joined(kept: list[Token]) -> str:
    """The kept tokens, a space wherever something stood between two of them."""
    text, end = "", -1
    for token in kept:
        text += token.text if token.start == end or not text else " " + token.text
        end = token.end
    return text
