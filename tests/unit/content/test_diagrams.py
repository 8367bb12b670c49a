"""Mermaid, drawn when a text is published."""

from __future__ import annotations

import re

import pytest

from content.markdown.diagram import MAX_LINES, diagram_svg
from tests.unit.content.rendering import html_of, rendered, tags_only

KINDS = {
    "flowchart": "flowchart TD\n A[浏览器] -->|请求| B{有缓存?}\n B -- 没有 --> C[(数据库)]",
    "graph": "graph LR\n 甲[工作区] --> 乙[暂存区]",
    "sequence": "sequenceDiagram\n participant S as 服务器\n 浏览器->>S: 请求\n Note over S: 记一笔",
    "state": "stateDiagram-v2\n [*] --> 待付款\n 待付款 --> 已付款: 付钱",
    "class": "classDiagram\n 动物 <|-- 狗",
    "er": "erDiagram\n CUSTOMER ||--o{ ORDER : places",
    "pie": 'pie title 时间\n "写代码" : 40\n "开会" : 60',
    "mindmap": "mindmap\n  root((学习))\n    读书",
    "gantt": "gantt\n title 计划\n dateFormat YYYY-MM-DD\n section 准备\n 写提纲 :a1, 2026-01-01, 7d",
}


def fenced(source: str) -> str:
    return f"```mermaid\n{source}\n```"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn_without_styles_scripts_or_addresses(kind: str) -> None:
    svg, fault = diagram_svg(KINDS[kind])
    assert fault == ""
    assert re.match(r'<svg class="diagram[^"]*" role="img" aria-label="', svg)
    assert re.search(r"style|script|href|https?:|foreignObject|font-family|\son", tags_only(svg)) is None


def test_a_pie_is_as_narrow_as_a_telephone_and_nothing_of_it_is_cut_off() -> None:
    svg, _ = diagram_svg('pie title 时间花在哪\n "写" : 40\n "改" : 35\n "等别人回信" : 25')
    box = re.search(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    assert box and float(box[1]) <= 440 and "d-wide" not in svg
    places = [(float(x), float(y)) for x, y in re.findall(r'<text x="([0-9.]+)" y="([0-9.]+)"', svg)]
    assert len(places) == 1 + 3 + 3
    assert all(0 < x < float(box[1]) and 0 < y < float(box[2]) for x, y in places)


def test_a_drawing_says_in_words_what_it_shows() -> None:
    label = re.search(r'aria-label="([^"]*)"', html_of(fenced(KINDS["flowchart"])))
    assert label and all(word in label[1] for word in ("流程图", "浏览器", "有缓存?", "数据库"))


def test_arrowheads_are_found_and_only_those_that_are_used() -> None:
    svg, _ = diagram_svg(KINDS["flowchart"])
    used = set(re.findall(r"url\(#([\w-]+)\)", svg))
    assert used and used == set(re.findall(r'id="([\w-]+)"', svg))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("graph TD\n A[没有关上 --> B", "第 2 行"),
        ("不知道是什么", "只会画"),
        ("", "只会画"),
        ("graph TD\n" + "\n".join(f" A{n} --> B{n}" for n in range(MAX_LINES + 1)), "太大"),
        ("sequenceDiagram\n 甲->>乙: 你好\n 这一行不是图的写法", "画不出来"),
    ],
)
def test_what_cannot_be_drawn_stays_code_with_a_warning(source: str, message: str) -> None:
    shown, problems = rendered(f"前\n\n{fenced(source)}")
    assert "<svg" not in shown.html and 'data-lang="mermaid"' in shown.html
    assert [(one.line, one.severity) for one in problems] == [(3, "warning")]
    assert message in problems[0].message


@pytest.mark.parametrize(
    "source",
    [
        'graph TD\n A["<script>alert(1)</script>"] --> B',
        'graph TD\n A["<img src=x onerror=alert(1)>"] --> B',
        'graph TD\n A[x] --> B\n click A href "javascript:alert(1)"',
        "graph TD\n A[x] --> B\n style A fill:url(https://evil.example)",
        'graph TD\n A["x\\" onload=\\"alert(1)"] --> B',
        "%%{init: {'themeCSS': '*{background:url(//evil.example)}'}}%%\ngraph TD\n A[x] --> B",
        'graph TD\n A"onload="x --> B',
    ],
)
def test_a_hostile_drawing_brings_nothing_in(source: str) -> None:
    live = re.sub(r'"[^"]*"', '""', tags_only(html_of(fenced(source))))
    assert re.search(r"<script|<img|\son\w+=|<a |style", live) is None, live
    assert "evil" not in tags_only(html_of(fenced(source)))


def test_two_drawings_stand_on_one_page() -> None:
    html = html_of(f"{fenced(KINDS['flowchart'])}\n\n文\n\n{fenced(KINDS['sequence'])}")
    assert html.count("<svg") == html.count('<figure class="diagram-box">') == 2
    assert html.index("浏览器") < html.index("<p>文</p>") < html.index("服务器")


@pytest.mark.parametrize(
    ("source", "shown", "hidden"),
    [
        (
            "graph LR\n 甲[工作区] --> 乙[暂存区]\n 甲 -- 提交 --> 丙",
            ["工作区", "暂存区", "丙", "提交"],
            ["甲", "乙"],
        ),
        ("flowchart TD\n 开始 --> 写 & 读 -.-> 结束\n 写 -->|对| 读", ["开始", "写", "读", "结束", "对"], []),
        ("graph TD\n A[开始] --- 中间 === B(结束)", ["开始", "中间", "结束"], []),
        (
            "sequenceDiagram\n 浏览器->>+服务器: 请求 a: b\n activate 浏览器\n 服务器-->>-浏览器: 回应\n"
            " Note over 浏览器,服务器: 记下",
            ["浏览器", "服务器", "请求 a: b", "回应", "记下"],
            [],
        ),
        (
            "sequenceDiagram\n participant 甲 as 买家\n actor 乙\n 甲->>乙: 下单",
            ["买家", "乙", "下单"],
            ["甲"],
        ),
    ],
)
def test_boxes_and_participants_may_have_chinese_names(
    source: str, shown: list[str], hidden: list[str]
) -> None:
    svg, fault = diagram_svg(source)
    words = re.sub(r"<[^>]*>", " ", svg)
    assert fault == ""
    assert [word for word in shown if word not in words] == []
    assert [word for word in hidden if word in words] == []
