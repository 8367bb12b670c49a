"""What is doubtful about a course as a whole, when each of its keys and texts is fine by itself."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from content.assets import is_image_name
from content.folder import Snapshot
from content.problem import Findings
from content.showing import ShowingFields
from content.written import CourseSource

BIG_IMAGE_BYTES = 600 * 1024


def weigh_lessons(course: CourseSource, fields: ShowingFields, findings: Findings) -> None:
    free = [source.lesson.free for source in course.lessons]
    if not free and not course.draft:
        findings.error(1, "这门课还没有课时", "加一个 01-xxx.md；还在写就在文件头加 draft: true")
    if course.price_fen == 0 and fields.written("visibility").lower() == "paid":
        fields.warning("visibility", "写的是付费，价格却是 0，谁都能免费领", '写上价格，例如 price: "99.00"')
    if course.price_fen == 0 or not free:
        return
    if not any(free):
        findings.warning(1, "没有一课可以免费试读", "给第一课的文件头加上 free: true")
    if all(free):
        findings.warning(1, "收费课程的每一课都是免费的", "去掉几课的 free: true")


def weigh_offer(course: CourseSource, fields: ShowingFields, findings: Findings) -> None:
    """What can be said of a bundle or a membership without the courses; see `content.offers`."""
    if course.lessons:
        findings.error(course.includes_line, "套餐和会员里不放课时", "课时放进各门课自己的文件夹")
    if fields.has("price") and course.price_fen == 0:
        findings.error(fields.line("price"), "套餐和会员要有价格", '例如 price: "299.00"')
    if course.access == "forever" and any(kind != "course" for kind, _ in course.includes):
        line = fields.line("access" if fields.has("access") else "includes")
        findings.error(line, "会员要有期限", "写上 access: 365d 或 access: 2027-12-31")


def with_honest_price(course: CourseSource, fields: ShowingFields) -> CourseSource:
    original_fen = course.price_original_fen
    if original_fen is None or original_fen > course.price_fen:
        return course
    fields.warning("price_original", "原价不高于现价，不会显示", "删掉 price_original，或写真实的原价")
    return replace(course, price_original_fen=None)


def weigh_times(course: CourseSource, fields: ShowingFields, zone: ZoneInfo) -> None:
    """What is sold must open before it ends."""
    if course.access == "forever":
        return
    if course.access.endswith("d"):
        _weigh_days(course, fields, int(course.access[:-1]))
        return
    day = date.fromisoformat(course.access)
    over_at = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    opens_at = course.showing.opens_at
    if opens_at is not None and opens_at >= over_at:
        fields.error("access", f"期限到 {course.access}，那时课还没有上架", "改 access，或改 publishDate")
    for source in course.lessons:
        if source.lesson.opens_at is not None and source.lesson.opens_at >= over_at:
            told = f"期限到 {course.access}，那时《{source.lesson.title}》还没有公布"
            fields.error("access", told, "改 access，或改那一课的 publishDate")


def _weigh_days(course: CourseSource, fields: ShowingFields, days: int) -> None:
    slowest = max(
        (source.lesson for source in course.lessons), key=lambda one: one.opens_after_days, default=None
    )
    if slowest is None or slowest.opens_after_days < days:
        return
    told = f"买了能看 {days} 天，《{slowest.title}》却要等 {slowest.opens_after_days} 天才打开"
    fields.error("access", told, "把 access 写长一些，或把 drip 写短一些")


def weigh_pictures(course: CourseSource, snapshot: Snapshot, findings: Findings) -> None:
    shown = {asset.path for asset in course.assets}
    texts = [data for path, data in snapshot.files.items() if path.endswith(".md")]
    for path in sorted(filter(is_image_name, snapshot.files)):
        size, here = len(snapshot.files[path]), findings.of(snapshot.file(path))
        if path in shown and size > BIG_IMAGE_BYTES:
            told = f"图片有 {size / 1024 / 1024:.1f} MiB，手机上打开慢"
            here.warning(1, told, f"压缩到 {BIG_IMAGE_BYTES // 1024} KiB 以下，或存成 webp")
        # A draft names its pictures, too, and shows none.
        if path not in shown and not any(posixpath.basename(path).encode() in text for text in texts):
            here.info(1, "这张图片哪里都没有用到，不会发布", "不要了就删掉它")


def weigh_addresses(course: CourseSource, findings: Findings) -> None:
    """A former address that is a lesson's now would never lead to where it is meant to."""
    lessons = [source.lesson for source in course.lessons]
    present = {lesson.slug: lesson.title for lesson in lessons}
    for lesson in lessons:
        for alias in lesson.aliases:
            if present.get(alias, lesson.title) != lesson.title:
                told = f"《{lesson.title}》的曾用网址 {alias} 现在是《{present[alias]}》的网址"
                findings.warning(1, told, "从 aliases 里删掉它")
