"""Front matter for what was imported: complete, in a new course's order, each key explained beside it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from content.fields import (
    LEVELS,
    MAX_SUMMARY_CHARS,
    MAX_TAG_CHARS,
    MAX_TAGS,
    MAX_TEACHER_CHARS,
    MAX_TITLE_CHARS,
    Fields,
    normal,
    yuan_to_fen,
)
from content.frontmatter import Value
from content.importing.draft import Draft, Text
from content.importing.header import WHEN, Header, moment_of, text_of, words_of
from content.importing.losses import Losses
from content.importing.texts import plain
from content.markdown import block_tokens
from content.problem import Findings

PRICE_TO_START_WITH = "99.00"
_PLAIN_YAML = re.compile(r"[^\W\d_][\w ，。、：；（）《》“”！？+/.]*[\w，。、；（）《》“”！？+]")
_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^()\n]*\)")
_YAML_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
_SUMMARY = ("summary", "description", "excerpt", "custom_excerpt", "subtitle")
_TAGS = ("tags", "tag", "keywords", "categories", "category")


@dataclass(frozen=True)
class Called:
    """What a course is called. ``price`` in yuan; "" takes what the source says, else one to start with."""

    slug: str
    title: str
    price: str = ""


def course_header(draft: Draft, called: Called, cover: str, losses: Losses) -> str:
    """The upper part of `_index.md`."""
    header = draft.header
    price_line = called.price or _amount(header, "price")
    if not price_line:
        losses.of("", f'价格先写成了 "{PRICE_TO_START_WITH}"', '在 _index.md 里改成自己的；免费课写 "0"')
    lines = [
        "# 课程的身份证：写一次就不再改。买过的人靠它找回课程；文件夹名和标题以后都可以改。",
        f"id: {called.slug}",
        f"title: {quoted(shortened(called.title, MAX_TITLE_CHARS))}",
        "# 一句话简介，显示在列表和聊天里，最多 120 个字。用读者自己会说的词，搜索也靠它。",
        f"summary: {quoted(summary_of(draft, called.title))}",
        '# 价格，单位元，一定要带引号。免费课写 "0"。'
        + ("" if price_line else "这个数是先放着的，改成自己的。"),
        f'price: "{price_line or PRICE_TO_START_WITH}"',
        "# 划线价，可以不写。",
        _or_sample(
            "price_original",
            json.dumps(_amount(header, "price_original")),
            '"199.00"',
            _amount(header, "price_original"),
        ),
        "# 难度：入门（也可写 零基础）、进阶 或 高级。",
        f"level: {_level(header)}",
        "# 标签，读者可能会搜的词，中英文都行。",
        _or_sample("tags", _list(_tags(draft)), "[标签一, 标签二]", _tags(draft)),
        "# 老师的名字，可以不写。",
        _or_sample("teacher", quoted(_teacher(header)), "你的名字", _teacher(header)),
        "# 封面图片，放在课程文件夹里；不写就用标题做一张。",
        f"cover: {quoted(cover)}" if cover else "# cover: cover.png",
        "# 学完会什么，一条一句，显示在课程页上。",
        "# learn: [能写一个会断点续抓的爬虫, 会把结果存成 Excel]",
        "# 买了能看多久：forever（一直）、365d（天数）或 2027-12-31（到这一天为止）。",
        f"access: {_rule(header, 'access', 'forever')}",
        "# 退款：none（不退）或 7d（7 天内可退）。",
        f"refund: {_rule(header, 'refund', '7d')}",
        "# 搬来的课先是草稿，不会上架。看过一遍，再删掉下面这一行。",
        "draft: true",
    ]
    return _block(lines)


def lesson_header(text: Text, *, free: bool, losses: Losses) -> str:
    """The upper part of a lesson; what the source said beside it stays as comments."""
    title = shortened(text.title, MAX_TITLE_CHARS)
    if title != normal(text.title):
        losses.of(text.path, f"标题超过 {MAX_TITLE_CHARS} 个字，截短了", "改成短一些的标题")
    lines = [f"title: {quoted(title or '没有标题')}"]
    lines += ["# 整课免费，让读者先试读。", "free: true"] if free else []
    lines += ["# 原来就是草稿，写好了再删掉这一行。", "draft: true"] if text.draft else []
    lines += _moments(text.header)
    tags = words_of(text.header, *_TAGS)
    lines += [f"# 原来的标签：{normal('、'.join(tags))}"] if tags else []
    return _block(lines)


def _moments(header: Header) -> list[str]:
    """A day that has passed holds nothing back; one that is to come goes on holding back."""
    begins, ends = moment_of(header, *WHEN), moment_of(header, "expiryDate", "unpublishDate")
    lines = [f"publishDate: {begins}"] if begins else []
    return lines + ([f"expiryDate: {ends}"] if ends else [])


def chapter_file(title: str) -> str:
    return _block([f"title: {quoted(shortened(title, MAX_TITLE_CHARS) or '没有标题')}"]).rstrip() + "\n"


def summary_of(draft: Draft, title: str) -> str:
    """What the source says of itself, else the first paragraph that everyone may read, else the title."""
    told = text_of(draft.header, *_SUMMARY) or (text_of(draft.intro.header, *_SUMMARY) if draft.intro else "")
    free = next(iter(draft.texts), None)
    texts = [plain(told), *(_first_paragraph(each.body) for each in (draft.intro, free) if each)]
    return shortened(next(filter(None, texts), title), MAX_SUMMARY_CHARS) or "没有简介"


def shortened(text: str, most: int) -> str:
    clean = normal(text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def quoted(text: str) -> str:
    """A text as a value of YAML: bare where that is safe."""
    bare = _PLAIN_YAML.fullmatch(text) and text.lower() not in _YAML_WORDS
    return text if bare else json.dumps(text, ensure_ascii=False)


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["---", *lines, "---", "", ""])


def _or_sample(key: str, value: str, sample: str, told: object) -> str:
    return f"{key}: {value}" if told else f"# {key}: {sample}"


def _amount(header: Header, key: str) -> str:
    amount = text_of(header, key)
    return amount if yuan_to_fen(amount) is not None else ""


def _level(header: Header) -> str:
    level = text_of(header, "level").lower()
    return level if level in LEVELS else "入门"


def _teacher(header: Header) -> str:
    return shortened("、".join(words_of(header, "teacher", "author", "authors")), MAX_TEACHER_CHARS)


def _rule(header: Header, key: str, plain_rule: str) -> str:
    """`access` or `refund` of a course that was ours already, if it still is a good one."""
    told = text_of(header, key)
    findings = Findings("")
    fields = Fields({key: Value(1, "str", told)}, findings)
    _ = fields.access() if key == "access" else fields.refund()
    return told if told and not findings.problems else plain_rule


def _tags(draft: Draft) -> list[str]:
    """Those of the course, then what its lessons are tagged with most."""
    own = list(words_of(draft.header, *_TAGS))
    counted = Counter(tag for text in draft.texts for tag in words_of(text.header, *_TAGS))
    wanted = own or [tag for tag, _ in counted.most_common()]
    short = (normal(tag.replace("/", " ")) for tag in wanted)
    return [tag for tag in dict.fromkeys(short) if tag and len(tag) <= MAX_TAG_CHARS][:MAX_TAGS]


def _list(items: Iterable[str]) -> str:
    return f"[{', '.join(quoted(item) if ',' not in item else json.dumps(item) for item in items)}]"


def _first_paragraph(body: str) -> str:
    tokens = block_tokens(body)
    for at, token in enumerate(tokens):
        if token.type == "paragraph_open" and token.level == 0:
            words = plain(_IMAGE.sub("", tokens[at + 1].content))
            if words and not words.startswith("（图："):
                return words
    return ""


def cover_of(header: Mapping[str, Any]) -> str:
    """The address of the picture that a source says its course looks like."""
    cover = header.get("cover")
    nested = text_of(cover, "image", "src") if isinstance(cover, dict) else ""
    return nested or text_of(
        header, "cover", "feature_image", "featuredImage", "image", "thumbnail", "banner"
    )
