"""What may be in a text's HTML: an allow-list of elements, attributes and classes. All else is taken out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import nh3

from content.links import ANCHOR_PREFIX, Links

_CALLOUTS = {
    f"callout-{family}"
    for family in ("note", "tip", "important", "question", "warning", "danger", "example", "quote")
}
_TAGS = {
    "a", "abbr", "aside", "audio", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt",
    "em", "fieldset", "figcaption", "figure", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "input", "ins",
    "kbd", "label", "legend", "li", "made", "mark", "ol", "p", "pre", "s", "section", "small", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul", "video",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "id", "data-vid"},
    "abbr": {"title"},
    "audio": {"src", "title", "controls"},
    "details": {"open"},
    "fieldset": {"data-kind"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"checked"},
    "li": {"id", "data-right"},
    "made": {"n"},
    "ol": {"start"},
    "section": {"data-quiz"},
    "sup": {"id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "video": {"src", "title", "controls"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_CLASSES: dict[str, set[str]] = {
    "a": {"footnote-backref", "video"},
    "aside": {"callout"} | _CALLOUTS,
    "code": {"formula"},
    "details": {"callout", "quiz-answer", "quiz-hint"} | _CALLOUTS,
    "fieldset": {"quiz-question"},
    "hr": {"footnotes-sep"},
    "input": {"task-list-item-checkbox"},
    "legend": {"quiz-title"},
    "li": {"task-list-item", "footnote-item"},
    "ol": {"footnotes-list", "contains-task-list", "quiz-options"},
    "p": {"callout-title", "quiz-right"},
    "section": {"footnotes", "quiz"},
    "span": {"quiz-kind"},
    "summary": {"callout-title"},
    "sup": {"footnote-ref"},
    "td": {"align-left", "align-center", "align-right"},
    "th": {"align-left", "align-center", "align-right"},
    "ul": {"contains-task-list"},
}
_VALUES = {
    "aside": {"role": {"note"}},
    "audio": {"preload": {"none"}},
    "input": {"type": {"checkbox"}},
    "video": {"preload": {"none"}},
}
_FORCED: dict[str, dict[str, str]] = {
    "audio": {"controls": ""},
    "input": {"disabled": ""},
    "img": {"loading": "lazy"},
    "video": {"controls": ""},
}
# nh3 puts `rel` on every link; on our own pages it would only mislead crawlers.
_OWN_LINK_REL = re.compile(
    r'(<a(?: [a-z]+="[^"]*")*? href="(?:#|/(?!/))[^"]*"[^>]*?) rel="noopener nofollow"'
)
_RAW_MEDIA = re.compile(r"<\s*(?:img|audio|video)\b", re.IGNORECASE)


class _Links(threading.local):
    """Those of the text that this thread is sanitising: a cleaner takes longer to make than to use."""

    now: Links


_links = _Links()


def _source(tag: str, attribute: str, value: str) -> str | None:
    return _links.now.shown(tag, value) if attribute == "src" else value


def _address(url: str) -> str | None:
    return _links.now.resolve(url)


def _cleaner(source: Callable[[str, str, str], str | None] | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        tag_attribute_values=_VALUES,
        set_tag_attribute_values=_FORCED,
        url_schemes={"http", "https", "mailto"},
        attribute_filter=source,
        url_relative=_address,
        link_rel="noopener nofollow",
        id_prefix=ANCHOR_PREFIX,
    )


# The first asks about each attribute, which takes time: only where there is something to ask about.
_with_media, _without = _cleaner(_source), _cleaner(None)


def sanitise(html: str, links: Links) -> str:
    """``html`` with only what is allowed, its relative addresses led to where they are served."""
    _links.now = links
    cleaner = _with_media if _RAW_MEDIA.search(html) else _without
    cleaned = cleaner.clean(html)
    return _OWN_LINK_REL.sub(r"\1", cleaned) if 'rel="' in cleaned else cleaned
