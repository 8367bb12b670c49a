"""The names that a file's keys may have: ours, and those of Hugo, Obsidian and Ghost, in one table each.

Case does not matter, as in Hugo. Of several names for one thing the first in its row wins, so a site that
has both a ``summary`` and a ``description`` needs no mending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from content.frontmatter import Value
from content.problem import Findings, did_you_mean


@dataclass(frozen=True)
class Keys:
    """What a kind of file may say. ``names``: our key → how else it may be written, the strongest first."""

    names: Mapping[str, tuple[str, ...]]
    passed_over: frozenset[str]

    @cached_property
    def ours(self) -> list[str]:
        return list(self.names)

    @cached_property
    def _rows(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each key and all its names as they are compared, the strongest first."""
        return [(key, (key.lower(), *map(str.lower, others))) for key, others in self.names.items()]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(name for _, row in self._rows for name in row) | self.passed_over

    def settle(self, values: Mapping[str, Value], findings: Findings) -> dict[str, Value]:
        """The values under our names; what nobody knows is noted."""
        written: dict[str, Value] = {}
        for name, value in values.items():
            written.setdefault(name.lower(), replace(value, name=name))
            if name.lower() not in self._known:
                self._note_unknown(name, value.line, findings)
        settled = {}
        for key, row in self._rows:
            strongest = next((written[name] for name in row if name in written), None)
            if strongest is not None:
                settled[key] = strongest
        return settled

    def _note_unknown(self, name: str, line: int, findings: Findings) -> None:
        hint = did_you_mean(name, self.ours) or f"这里可以写：{'、'.join(self.ours)}"
        findings.warning(line, f"不认识的键 {name}，没有用上", hint)


# Keys of those tools, and of their usual themes and plugins, that say nothing about a course.
_FOREIGN = frozenset(
    word
    for line in """
    layout type kind markup outputs cascade build headless iscjklanguage linktitle translationkey menu menus
    params resources sitemap series series_order categories category keywords toc showtoc tocopen math mathjax
    katex mermaid comments disablecomments hidemeta showreadingtime author_image lastmod modified updated
    updated_at created created_at uuid ghost_id comment_id featured email_only email_recipient_filter
    custom_template codeinjection_head codeinjection_foot og_image og_title og_description twitter_image
    twitter_title twitter_description meta_title meta_description canonical_url feature_image_alt
    feature_image_caption primary_tag primary_author tiers newsletter cssclass cssclasses permalink
    publish_path banner icon obsidianuifmode obsidianeditingmode kanban-plugin excalidraw-plugin up related
    dg-publish dg-home images thumbnail subtitle isstarred lang language
    """.splitlines()
    for word in line.split()
)

_WHEN = {
    "publishDate": ("publish_date", "published_at", "pubdate", "date"),
    "expiryDate": ("expiry_date", "unpublishdate", "unpublish_date"),
    "draft": (),
    "status": (),  # Ghost: draft, published, scheduled
    "publish": ("published",),  # Obsidian: true, false
    "weight": ("order", "sort_order"),
}
_ADDRESS = {
    "slug": ("url",),
    "aliases": ("alias", "redirect_from"),
    "visibility": (),
}

OFFER = Keys(
    {
        "id": (),
        "title": (),
        "summary": ("description", "excerpt", "custom_excerpt"),
        "price": (),
        "price_original": (),
        "includes": (),
        "access": (),
        "refund": (),
        "cover": ("feature_image", "image", "featured_image"),
        "learn": (),
        **_WHEN,
        **_ADDRESS,
    },
    _FOREIGN,
)
COURSE = Keys(
    {
        **OFFER.names,
        "level": (),
        "tags": ("tag",),
        "teacher": ("author", "authors"),
        "trial": (),
        "drip": (),
    },
    _FOREIGN,
)
# What a lesson's summary, tags and picture would say, its course says already.
_OF_THE_COURSE = (
    *OFFER.names["summary"],
    *OFFER.names["cover"],
    *COURSE.names["tags"],
    *COURSE.names["teacher"],
)
LESSON = Keys(
    {"title": (), "free": (), "minutes": (), "drip": (), **_WHEN, **_ADDRESS},
    _FOREIGN | {"id", "summary", "cover", "tags", "teacher", *_OF_THE_COURSE},
)
# No `draft` and no dates: a chapter cannot be held back by itself, and must not seem to be.
CHAPTER = Keys({"title": (), "weight": _WHEN["weight"]}, LESSON.passed_over | {"slug", "url", "aliases"})
