"""A question to check oneself with, which reads well in any editor:

    > [!quiz] 哪个状态码表示“没有这一页”？
    > - [ ] 200
    > - [x] 404
    > - [ ] 500
    >
    > 提示：以 4 开头的是请求那一方的问题。
    >
    > 解析：5 开头的才是服务器的问题。

More than one `[x]` makes it a question with several answers, as `[!quiz|多选]` does by itself. Without a
script the question is read, and the answer opens below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from content.markdown import labels
from content.markdown.page import Page
from content.markdown.words import SILENT

QUIZ = "quiz"
MAX_OPTIONS = 12
_BOX = re.compile(r"\[([ xX])\](?:[ \t]+|$)")
_HINT = re.compile(r"(?:提示|hint)\s*[：:]\s*", re.IGNORECASE)
_WHY = re.compile(r"(?:解析|讲解|答案解析|explanation|explain|why)\s*[：:]\s*", re.IGNORECASE)
_MANY = {"多选", "many", "multi", "multiple"}
_FORM = "选项写成 - [x] 对的 和 - [ ] 错的"


@dataclass
class _Quiz:
    """The parts of one question, as tokens. ``right`` are the numbers of the right options, from 0."""

    body: list[Token] = field(default_factory=list)
    options: list[Token] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    count: int = 0
    hint: list[Token] = field(default_factory=list)
    why: list[Token] = field(default_factory=list)


def write_quiz(inside: list[Token], title: str, note: str, line: int, page: Page) -> list[Token]:
    """The tokens of a question in place of its callout's; what is wrong goes to the page's findings."""
    quiz = _read(inside, line, page)
    _weigh(quiz, title, note, line, page)
    many = len(quiz.right) > 1 or note.strip().lower() in _MANY
    kind = "many" if many else "one"
    return [
        *_open("section", {"class": "quiz", "data-quiz": ""}),
        *_open("fieldset", {"class": "quiz-question", "data-kind": kind}),
        *_open("legend", {"class": "quiz-title"}),
        *_words(title, line),
        *_open("span", {"class": "quiz-kind"}),
        *_label(labels.QUIZ_MANY if many else labels.QUIZ_ONE, line),
        *_close("span", "legend"),
        *quiz.body,
        *quiz.options,
        *_folded("quiz-hint", labels.QUIZ_HINT, quiz.hint, line),
        *_folded("quiz-answer", labels.QUIZ_ANSWER, [*_answer(quiz, line), *quiz.why], line),
        *_close("fieldset", "section"),
    ]


def _read(inside: list[Token], line: int, page: Page) -> _Quiz:
    quiz, into = _Quiz(), ""
    for block in _blocks(inside):
        if block[0].type in ("bullet_list_open", "ordered_list_open") and _has_boxes(block):
            if quiz.options:
                page.error(_line(block, line), "小测里有两组选项", "一道题一组；第二道题另写一个 [!quiz]")
                continue
            _read_options(block, quiz, line, page)
            continue
        into = _part(block) or into
        _parts(quiz, into).extend(block)
    return quiz


def _parts(quiz: _Quiz, into: str) -> list[Token]:
    return {"hint": quiz.hint, "why": quiz.why}.get(into, quiz.body)


def _part(block: list[Token]) -> str:
    """Whether a paragraph begins the hint or the explanation; the word that says so is taken off."""
    if block[0].type != "paragraph_open":
        return ""
    for name, pattern in (("hint", _HINT), ("why", _WHY)):
        if match := pattern.match(block[1].content):
            block[1].content = block[1].content[match.end() :]
            return name
    return ""


def _blocks(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens cut into top-level blocks."""
    blocks: list[list[Token]] = []
    depth = 0
    for token in tokens:
        if depth == 0:
            blocks.append([])
        blocks[-1].append(token)
        depth += token.nesting
    return blocks


def _has_boxes(block: Sequence[Token]) -> bool:
    return any(token.type == "inline" and _BOX.match(token.content) for token in block)


def _read_options(block: list[Token], quiz: _Quiz, line: int, page: Page) -> None:
    block[0].tag = block[-1].tag = "ol"
    block[0].attrs = {"class": "quiz-options"}
    quiz.options = block
    items = (
        at
        for at, token in enumerate(block)
        if token.type == "list_item_open" and token.level == block[0].level + 1
    )
    for at in items:
        words = next((token for token in block[at + 1 : at + 3] if token.type == "inline"), None)
        box = _BOX.match(words.content) if words else None
        if words is None or box is None:
            page.error(_line(block[at:], line), "小测的选项没有方框", _FORM)
            continue
        words.content = words.content[box.end() :]
        if not words.content.strip():
            page.error(_line(block[at:], line), "小测的选项是空的", "写上选项的文字")
        if box[1] != " ":
            block[at].attrSet("data-right", "")
            quiz.right.append(quiz.count)
        quiz.count += 1


def _weigh(quiz: _Quiz, title: str, note: str, line: int, page: Page) -> None:
    if not title and not quiz.body:
        page.error(line, "小测没有题目", "题目写在 [!quiz] 后面")
    if note.strip() and note.strip().lower() not in {*_MANY, "单选"}:
        page.warning(line, "不认识的题型，按选项里对的个数来定", "写 [!quiz]，或 [!quiz|多选]")
    if not quiz.options:
        page.error(line, "小测没有选项", _FORM)
    elif quiz.count < 2:
        page.error(line, "小测只有一个选项", "至少写两个")
    elif not quiz.right:
        page.error(line, "小测没有正确答案", "把对的选项写成 - [x]")
    elif quiz.count > MAX_OPTIONS:
        page.error(line, f"小测的选项超过 {MAX_OPTIONS} 个", "拆成两道题")
    elif note.strip() == "单选" and len(quiz.right) > 1:
        page.error(line, "单选题有几个正确答案", "只留一个 [x]，或写 [!quiz|多选]")
    elif len(quiz.right) == quiz.count:
        page.warning(line, "小测的每个选项都是对的", "加上错的选项")


def _line(block: Sequence[Token], otherwise: int) -> int:
    return block[0].map[0] if block[0].map else otherwise


def _answer(quiz: _Quiz, line: int) -> list[Token]:
    letters = "、".join(chr(ord("A") + number) for number in quiz.right)
    return [*_open("p", {"class": "quiz-right"}), *_label(labels.QUIZ_RIGHT + letters, line), *_close("p")]


def _folded(name: str, label: str, inside: list[Token], line: int) -> list[Token]:
    if not inside:
        return []
    head = [*_open("summary", {}), *_label(label, line), *_close("summary")]
    return [*_open("details", {"class": name}), *head, *inside, *_close("details")]


def _open(tag: str, attributes: dict[str, str | int | float]) -> list[Token]:
    token = Token(f"quiz_{tag}_open", tag, 1)
    token.attrs, token.block = attributes, True
    return [token]


def _close(*tags: str) -> list[Token]:
    tokens = [Token(f"quiz_{tag}_close", tag, -1) for tag in tags]
    for token in tokens:
        token.block = True
    return tokens


def _words(words: str, line: int) -> list[Token]:
    token = Token("inline", "", 0)
    token.content, token.children, token.map = words, [], [line, line + 1]
    return [token]


def _label(words: str, line: int) -> list[Token]:
    """Words of ours, which nobody searches for."""
    tokens = _words(words, line)
    tokens[0].meta[SILENT] = True
    return tokens
