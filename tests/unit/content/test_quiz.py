"""Questions in Markdown: what is read, what is wrong with them, and what the page is given."""

from __future__ import annotations

import re

import pytest

from tests.unit.content.rendering import html_of, rendered

GOOD = """\
> [!quiz] 哪个表示没有这一页？
> - [ ] 200
> - [x] `404`
>
> 提示：以 4 开头。
>
> 解析：5 开头的是服务器的问题。
"""


def test_a_question_is_a_fieldset_with_lettered_options() -> None:
    html = html_of(GOOD)
    assert '<section class="quiz" data-quiz="">' in html
    assert re.search(r'<fieldset class="quiz-question" data-kind="one">\s*<legend', html)
    assert '<ol class="quiz-options">' in html
    assert "<li>200</li>" in html
    assert '<li data-right=""><code>404</code></li>' in html
    assert "checkbox" not in html and "[x]" not in html


def test_without_a_script_hint_and_answer_open_by_themselves() -> None:
    html = html_of(GOOD)
    hint, answer = re.findall(r'<details class="quiz-(?:hint|answer)">.*?</details>', html, re.DOTALL)
    assert "<p>以 4 开头。</p>" in hint
    assert "正确答案：B" in answer and "<p>5 开头的是服务器的问题。</p>" in answer
    assert " open" not in hint + answer


def test_several_right_options_make_a_question_with_several_answers() -> None:
    html = html_of(GOOD.replace("[ ] 200", "[X] 200"))
    assert 'data-kind="many"' in html and "正确答案：A、B" in html


def test_a_question_with_one_right_option_can_be_told_to_take_several() -> None:
    assert 'data-kind="many"' in html_of(GOOD.replace("[!quiz]", "[!quiz|多选]"))


def test_a_question_may_show_code_and_have_numbered_options() -> None:
    html = html_of("> [!quiz] 打印什么？\n> ```python\n> print(1)\n> ```\n> 1. [x] 1\n> 2. [ ] 2")
    assert html.index("legend") < html.index('data-lang="python"') < html.index("quiz-options")


def test_the_search_finds_questions_but_not_our_own_words() -> None:
    text = rendered(GOOD)[0].text
    assert "哪个表示没有这一页" in text and "404" in text
    assert "单选" not in text and "看答案" not in text


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("> [!quiz] 问\n> - [ ] 一\n> - [ ] 二", 3, "没有正确答案"),
        ("> [!quiz] 问\n> - [x] 一", 3, "只有一个选项"),
        ("> [!quiz] 问\n> 没有列表", 3, "没有选项"),
        ("> [!quiz] 问\n> - 一\n> - 二", 3, "没有选项"),
        ("> [!quiz] 问\n> - [x] 一\n> - 二\n> - [ ] 三", 5, "没有方框"),
        ("> [!quiz] 问\n> - [x] 一\n> - [ ]", 5, "是空的"),
        ("> [!quiz]\n> - [x] 一\n> - [ ] 二", 3, "没有题目"),
        ("> [!quiz|单选] 问\n> - [x] 一\n> - [x] 二", 3, "单选题有几个"),
        ("> [!quiz] 问\n> - [x] 一\n> - [ ] 二\n>\n> 段\n>\n> - [x] 三\n> - [ ] 四", 9, "两组选项"),
        ("> [!quiz] 问\n" + "\n".join(f"> - [{'x' if n == 0 else ' '}] {n}" for n in range(13)), 3, "超过"),
    ],
)
def test_what_is_wrong_is_an_error_at_its_line(source: str, line: int, message: str) -> None:
    _, problems = rendered(f"前\n\n{source}")
    assert [(one.line, one.severity) for one in problems] == [(line, "error")]
    assert message in problems[0].message and problems[0].hint


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("> [!quiz] 问\n> - [x] 一\n> - [x] 二", "每个选项都是对的"),
        ("> [!quiz|填空] 问\n> - [x] 一\n> - [ ] 二", "不认识的题型"),
    ],
)
def test_what_is_odd_is_a_warning(source: str, message: str) -> None:
    _, problems = rendered(source)
    assert [one.severity for one in problems] == ["warning"]
    assert message in problems[0].message
