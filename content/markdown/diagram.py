"""```` ```mermaid ````: drawn when the text is published, as an SVG that needs no script and no other host.

What the drawing library makes is taken apart and put together again from an allow-list: no styles, no script,
no foreign markup. Colours come from the page's style sheet by class, so the night is dark in diagrams too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from zlib import crc32

import merm
from defusedxml.ElementTree import fromstring
from merm.layout import LayoutConfig, layout_diagram
from merm.measure import TextMeasurer

from content.markdown.diagram_names import with_plain_names
from content.markdown.diagram_pie import with_legend_below
from content.markdown.labels import DIAGRAM

MAX_CHARS = 6_000
MAX_LINES = 150
MAX_LINE_CHARS = 400
MAX_SVG_CHARS = 400_000
RANK_SEP, MAX_RANK_SEP, NODE_SEP = 64.0, 240.0, 36.0
_LABEL_PX, _ARROW_PX = 14.0, 40.0
# Wider than a telephone: such a one scrolls, rather than that its letters are too small to read.
_WIDE_PX, _WIDER_PX = 480, 800

_KINDS = {
    "graph": "流程图", "flowchart": "流程图", "sequenceDiagram": "时序图", "classDiagram": "类图",
    "stateDiagram": "状态图", "stateDiagram-v2": "状态图", "erDiagram": "实体关系图", "pie": "饼图",
    "mindmap": "思维导图", "gantt": "甘特图", "gitGraph": "提交图",
}  # fmt: skip
_TAGS = {
    "g",
    "path",
    "circle",
    "ellipse",
    "rect",
    "text",
    "tspan",
    "polygon",
    "polyline",
    "line",
    "defs",
    "marker",
}
_GEOMETRY = {
    "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "d", "points", "width", "height", "dx",
    "dy",
    "text-anchor", "dominant-baseline", "stroke-dasharray", "stroke-width", "stroke-linecap", "font-weight",
    "viewBox", "markerWidth", "markerHeight", "refX", "refY", "orient", "markerUnits", "transform", "id",
}  # fmt: skip
_SAFE_VALUE = re.compile(r"[\w\s.,#%()+-]*")
_HEX = re.compile(r"#[0-9a-fA-F]{3,8}|none")
_FONT_SIZE = re.compile(r"([0-9]{1,2})(?:\.[0-9]+)?(?:px)?")
_REFERENCE = re.compile(r"url\(#([\w-]{1,60})\)")
_MARKER_ENDS = ("marker-end", "marker-start")
_SIZED_BY = re.compile(r"[0-9.]+")
_SHORT = re.compile(r"\.([0-9]{1,2})[0-9]*")
_WORD = re.compile("[\u3400-\u9fff]{2,}")
_SILENT_LINE = re.compile(
    r"\s*(?:%%|style |classDef |class |click |linkStyle |direction |title |accTitle|accDescr)"
)


def diagram_svg(source: str) -> tuple[str, str]:
    """The SVG and an empty text, or an empty text and why it cannot be drawn (in the creator's language)."""
    kind = _kind(source)
    if kind not in _KINDS:
        return "", f"只会画 {'、'.join(dict.fromkeys(_KINDS.values()))}，第一行要写清是哪一种"
    lines = source.split("\n")
    if len(source) > MAX_CHARS or len(lines) > MAX_LINES or max(map(len, lines)) > MAX_LINE_CHARS:
        return "", f"图太大了，最多 {MAX_LINES} 行、每行 {MAX_LINE_CHARS} 个字、一共 {MAX_CHARS} 个字符"
    return _draw(source, kind)


def _kind(source: str) -> str:
    lines = (line.strip() for line in source.split("\n"))
    first = next((line for line in lines if line and not line.startswith("%%")), "")
    return re.split(r"[\s:;]", first, maxsplit=1)[0]


@lru_cache(maxsize=256)
def _draw(source: str, kind: str) -> tuple[str, str]:
    try:
        drawn = _library_svg(with_plain_names(source, kind), is_flow=kind in ("graph", "flowchart"))
        root = fromstring(drawn) if len(drawn) <= MAX_SVG_CHARS else None
    except merm.ParseError as error:
        return "", f"第 {_line_of(error)} 行读不懂"
    except (
        ParseError,
        Exception,
    ) as error:  # whatever a young library meets, the text is published all the same
        return "", f"画图时出错（{type(error).__name__}）"
    if root is None:
        return "", "图太大了"
    lost = _lost(source, "".join(root.itertext()))
    if lost:
        return "", f"有的内容画不出来，例如“{lost}”"
    # Apart from the page's ids, and from other drawings': what is in a folded one is not found from another.
    if kind == "pie":
        with_legend_below(root, TextMeasurer().measure)
    _name_apart(root, f"d{crc32(source.encode()):x}-")
    return tostring(_clean_root(root, _KINDS[kind]), encoding="unicode", short_empty_elements=True), ""


def _library_svg(source: str, *, is_flow: bool) -> str:
    if not is_flow:
        return str(merm.render_diagram(source, theme="default"))
    diagram = merm.parse_flowchart(source)
    measure = TextMeasurer().measure
    config = LayoutConfig(_rank_sep(diagram, measure), NODE_SEP, diagram.direction)
    return str(merm.render_svg(diagram, layout_diagram(diagram, measure, config)))


def _rank_sep(diagram: Any, measure: Callable[[str, float], tuple[float, float]]) -> float:
    """Room for the widest label between two boxes side by side; below one another a line's height will do."""
    if diagram.direction.value not in ("LR", "RL"):
        return RANK_SEP
    widest = max((measure(edge.label, _LABEL_PX)[0] for edge in diagram.edges if edge.label), default=0.0)
    return min(MAX_RANK_SEP, max(RANK_SEP, widest + _ARROW_PX))


def _line_of(error: Exception) -> str:
    match = re.search(r"[Ll]ine (\d+)", str(error))
    return match[1] if match else "?"


def _lost(source: str, drawn: str) -> str:
    """A Chinese word of the source that the drawing lacks: the library skips lines that it cannot read."""
    kept = re.sub(r"\s", "", drawn)
    for line in source.split("\n"):
        for word in _WORD.findall("" if _SILENT_LINE.match(line) else line):
            if word not in kept and not _is_a_name(word, source):
                return str(word)
    return ""


def _is_a_name(word: str, source: str) -> bool:
    """Whether a word only names a box (`甲[标签]`, `participant 甲 as 标签`) and need not be seen."""
    name = re.escape(word)
    return re.search(rf"{name}[\w]*\s*(?:[\[({{>]|@{{)|\b{name}\s+as\s", source) is not None


def _name_apart(root: Element, prefix: str) -> None:
    for element in root.iter():
        if name := element.get("id"):
            element.set("id", prefix + name)
        for end in _MARKER_ENDS:
            if match := _REFERENCE.fullmatch(element.get(end, "")):
                element.set(end, f"url(#{prefix}{match[1]})")


def _clean_root(root: Element, told: str) -> Element:
    box = [float(number) for number in re.findall(r"-?[0-9.]+", root.get("viewBox", ""))[:4]]
    if len(box) != 4:
        box = [0.0, 0.0, *(float(_number(root.get(side, ""))) for side in ("width", "height"))]
    size = "d-wider" if box[2] > _WIDER_PX else "d-wide" if box[2] > _WIDE_PX else ""
    made = Element("svg", {"class": f"diagram {size}".strip(), "role": "img"})
    made.set("aria-label", f"{told}：{_words(root)}")
    made.set("viewBox", " ".join(f"{number:g}" for number in box))
    made.set("width", f"{box[2]:.0f}")
    made.set("height", f"{box[3]:.0f}")
    _copy_children(root, made, _used_markers(root))
    return made


def _used_markers(root: Element) -> set[str]:
    """The library defines every arrowhead that it knows."""
    values = (element.get(end, "") for element in root.iter() for end in _MARKER_ENDS)
    return {match[1] for value in values if (match := _REFERENCE.fullmatch(value))}


def _number(text: str) -> str:
    match = _SIZED_BY.match(text)
    return match[0] if match else "300"


def _words(root: Element) -> str:
    """What the drawing says, for whoever hears it."""
    texts = ("".join(element.itertext()).strip() for element in root.iter() if _name(element) == "text")
    return "；".join(text for text in texts if text)[:1_000] or DIAGRAM


def _copy_children(source: Element, target: Element, markers: set[str]) -> None:
    for child in source:
        if _name(child) not in _TAGS or (_name(child) == "marker" and child.get("id") not in markers):
            continue
        copy = SubElement(target, _name(child), dict(_attributes(child)))
        if _name(child) in ("text", "tspan"):
            copy.text, copy.tail = child.text, child.tail if _name(child) == "tspan" else None
        _copy_children(child, copy, markers)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    classes = [f"d-{name}" for name in re.findall(r"[\w-]{1,40}", element.get("class", ""))]
    for name, value in element.attrib.items():
        if name in _GEOMETRY and _SAFE_VALUE.fullmatch(value):
            yield name, _SHORT.sub(_rounded, value)
        elif name in _MARKER_ENDS and _REFERENCE.fullmatch(value):
            yield name, value
        elif name == "font-size" and (size := _FONT_SIZE.fullmatch(value)):
            classes.append("d-small" if int(size[1]) < 12 else "d-text")
    if _name(element) not in ("text", "tspan"):
        yield from _colours(element)
        classes += [] if _HEX.fullmatch(element.get("fill", "none")) else ["d-plate"]
    if classes:
        yield "class", " ".join(classes)


def _colours(element: Element) -> Iterator[tuple[str, str]]:
    """Those of slices and branches, which are many; all others are the style sheet's."""
    for name in ("fill", "stroke"):
        if _HEX.fullmatch(value := element.get(name, "")):
            yield name, value


def _rounded(match: re.Match[str]) -> str:
    digits = match[1].rstrip("0")
    return f".{digits}" if digits else ""
