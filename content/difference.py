"""What changes for readers between two states of a course, in the words that a creator reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from content.course import LEVEL_NAMES
from content.facts import Facts, LessonFacts
from content.moment import SHANGHAI
from content.showing import MEMBERS, PUBLIC, UNLISTED

_LABELS = {
    "slug": "网址",
    "title": "课程名",
    "summary": "简介",
    "level": "难度",
    "tags": "标签",
    "teacher": "老师",
    "access": "能看多久",
    "refund": "退款",
    "includes": "包含",
    "cover": "封面",
    "weight": "排序",
    "opens_at": "开售时间",
    "ends_at": "停售时间",
    "visibility": "谁能看到",
    "aliases": "旧网址",
    "learn": "学完会",
    "drip_days": "每隔几天开放一节",
}
_VISIBILITIES = {PUBLIC: "公开", UNLISTED: "不列出", MEMBERS: "仅会员"}
_MOST_NAMED = 5  # lessons named in one line; the rest is counted


@dataclass(frozen=True)
class Change:
    """One line. ``grave``: it costs somebody something, or gives something away, and is easily overlooked."""

    text: str
    grave: bool = False


@dataclass(frozen=True)
class Difference:
    """What one course becomes. ``kind``: new, changed or gone; ``buyers`` is how many may read it now."""

    id: str
    title: str
    kind: str
    changes: tuple[Change, ...]
    buyers: int = 0


def compare(before: Facts, after: Facts, *, buyers: int = 0) -> tuple[Change, ...]:
    """The lines of a course that was and is there, the gravest first."""
    changes = [
        *_prices(before, after),
        *_lessons(before, after, buyers),
        *_fields(before.fields, after.fields),
        *_texts(before, after),
    ]
    return tuple(sorted(changes, key=lambda change: not change.grave))


def announce(after: Facts) -> tuple[Change, ...]:
    """The line of a course that is new on the shelf."""
    free = sum(lesson.free for lesson in after.lessons)
    lessons = f"，{len(after.lessons)} 节课" if after.lessons else ""
    trial = f"（{free} 节免费）" if free and after.price_fen else ""
    return (Change(f"{money(after.price_fen)}{lessons}{trial}"),)


def money(fen: int | None) -> str:
    """``¥99.00``, 免费 for nothing to pay, 没有 for none."""
    if fen is None:
        return "没有"
    return f"¥{fen // 100}.{fen % 100:02d}" if fen else "免费"


def _prices(before: Facts, after: Facts) -> Iterator[Change]:
    old, new = before.price_fen, after.price_fen
    if old != new:
        opened = new == 0
        note = "，整门课不要钱了" if opened else "，原来不要钱" if old == 0 else ""
        yield Change(f"价格 {money(old)} → {money(new)}{note}", grave=opened or new < old / 2)
    crossed = (before.fields["price_original_fen"], after.fields["price_original_fen"])
    if crossed[0] != crossed[1]:
        yield Change(f"划线价 {money(crossed[0])} → {money(crossed[1])}")


def _lessons(before: Facts, after: Facts, buyers: int) -> Iterator[Change]:
    pairs, gone, added = _matched(before, after)
    for lesson in gone:
        bought = f"，{buyers} 位买过的人再也读不到它" if buyers else ""
        yield Change(f"少了一节：{_name(lesson)}{bought}", grave=bool(buyers))
    for lesson in added:
        yield Change(f"多了一节：{_name(lesson)}（{_standing(lesson)}）")
    for old, new in pairs:
        yield from _lesson(old, new)
    order = [old.slug for old, _ in pairs]
    if order != [old.slug for old in before.lessons if old.slug in order]:
        yield Change("课时的先后变了")


def _lesson(old: LessonFacts, new: LessonFacts) -> Iterator[Change]:
    if old.slug != new.slug:
        yield Change(f"课时网址 {old.slug} → {new.slug}：{_name(new)}")
    if old.title != new.title:
        yield Change(f"课时改名：《{old.title}》→《{new.title}》")
    if old.chapter != new.chapter:
        yield Change(f"换了章：{_name(new)} 到「{new.chapter or '没有章'}」")
    if _standing(old) != _standing(new):
        change = f"{_standing(old)} → {_standing(new)}"
        yield Change(f"{_name(new)}：{change}", grave=old.has_paid and not new.has_paid)
    if old.opens != new.opens:
        yield Change(f"{_name(new)}：{_opening(old)} → {_opening(new)}")


def _opening(lesson: LessonFacts) -> str:
    after_days, at = lesson.opens
    told = [f"买后 {after_days} 天开放"] if after_days else []
    return "，".join(told + ([f"{_shown('opens_at', at)} 开放"] if at else [])) or "马上开放"


def _matched(
    before: Facts, after: Facts
) -> tuple[list[tuple[LessonFacts, LessonFacts]], list[LessonFacts], list[LessonFacts]]:
    """Which lesson became which, in the new order; by address, else by the very same text or title."""
    old_by_slug = {lesson.slug: lesson for lesson in before.lessons}
    kept = {lesson.slug for lesson in after.lessons}
    free = [lesson for lesson in before.lessons if lesson.slug not in kept]
    pairs, added = [], []
    for lesson in after.lessons:
        old = old_by_slug.get(lesson.slug) or _same(lesson, free)
        if old is None:
            added.append(lesson)
            continue
        pairs.append((old, lesson))
        if old in free:
            free.remove(old)
    return pairs, free, added


def _same(lesson: LessonFacts, among: list[LessonFacts]) -> LessonFacts | None:
    by_text = (old for old in among if old.text == lesson.text)
    by_title = (old for old in among if old.title == lesson.title)
    return next(by_text, None) or next(by_title, None)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in after.items():
        # As shown: versions from before there was a key have nothing where later ones have its default.
        was, now = _shown(name, before[name]), _shown(name, value)
        if name not in ("price_fen", "price_original_fen") and was != now:
            yield Change(f"{_LABELS.get(name, name)} {was} → {now}")


def _shown(name: str, value: Any) -> str:
    if name == "level":
        return LEVEL_NAMES.get(value, value)
    if name == "visibility":
        return _VISIBILITIES[value or PUBLIC]
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}（北京时间）"
    if name == "includes":
        return (
            "、".join(item if kind == "course" else f"{kind}:{item}" for kind, item in value or ()) or "没有"
        )
    if isinstance(value, list | tuple):
        return "、".join(map(str, value)) or "没有"
    return str(value) if value else "没有"


def _texts(before: Facts, after: Facts) -> Iterator[Change]:
    if before.page != after.page:
        yield Change("课程介绍改了")
    pairs, _, _ = _matched(before, after)
    changed = [new.title for old, new in pairs if old.text != new.text]
    if changed:
        more = f"等 {len(changed)} 节" if len(changed) > _MOST_NAMED else ""
        yield Change(f"正文改了：{'、'.join(f'《{title}》' for title in changed[:_MOST_NAMED])}{more}")


def _standing(lesson: LessonFacts) -> str:
    return "免费" if not lesson.has_paid else "要买"


def _name(lesson: LessonFacts) -> str:
    return f"《{lesson.title}》"
