"""What a folder would do to the courses that are live and to those who bought them, told beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from content import tables as t
from content.facts import Facts, facts_of, read_facts
from content.live import Live
from content.problem import Findings, Problem
from content.written import CourseSource
from infra.database import Database

# How many may read each of these courses now.
CountBuyers = Callable[[Sequence[str]], Mapping[str, int]]


def against_live(
    db: Database, live: Mapping[str, Live], sources: Iterable[CourseSource], count_buyers: CountBuyers
) -> list[Problem]:
    """Raises Unavailable."""
    changed = [one for one in sources if not one.draft and _differs(one, live.get(one.id))]
    known = [one.id for one in changed if one.id in live and live[one.id].version]
    buyers = count_buyers(known)
    problems: list[Problem] = []
    with db.reading() as conn:
        before = {
            id_: facts for (id_, _), facts in read_facts(conn, [_key(live[id_]) for id_ in known]).items()
        }
        taken = _slugs(conn)
    for source in changed:
        findings = Findings(source.path, problems)
        if source.id in before:
            _note_price(before[source.id], source, findings)
            _note_lessons(before[source.id], source, buyers.get(source.id, 0), findings)
        _note_addresses(source, taken, findings)
    return problems


def _differs(source: CourseSource, live: Live | None) -> bool:
    return live is None or not live.listed or live.digest != source.digest


def _key(live: Live) -> tuple[str, int]:
    return live.id, live.version


def _slugs(conn: Connection) -> dict[str, str]:
    return {row.slug: row.course_id for row in conn.execute(select(t.course_slug))}


def _note_price(before: Facts, source: CourseSource, findings: Findings) -> None:
    """By more than half, up or down: mostly a slip of the finger."""
    old, new = before.price_fen, source.price_fen
    if old and abs(new - old) * 2 > old:
        told = f"价格从 ¥{_yuan(old)} 变成 {f'¥{_yuan(new)}' if new else '免费'}，差了一半以上"
        findings.warning(source.line("price"), told, "是想这样改就不用管；手误就改回来")


def _yuan(fen: int) -> str:
    whole, cents = divmod(fen, 100)
    return f"{whole}.{cents:02d}" if cents else str(whole)


def _note_lessons(before: Facts, source: CourseSource, buyers: int, findings: Findings) -> None:
    """A lesson is known by its address: renamed, it says which one it had."""
    if not buyers:
        return
    after = facts_of(source)
    kept = {lesson.slug for lesson in after.lessons}
    kept |= {alias for one in source.lessons for alias in one.lesson.aliases}
    for lesson in before.lessons:
        if lesson.has_paid and lesson.slug not in kept:
            told = f"《{lesson.title}》（{lesson.slug}）不见了，有 {buyers} 位买过这门课的人能读它"
            hint = f"放回来；只是改了名，就在新文件的文件头写 aliases: [{lesson.slug}]"
            findings.warning(1, told, hint)


def _note_addresses(source: CourseSource, taken: Mapping[str, str], findings: Findings) -> None:
    for slug, key in ((source.slug, "slug"), *((alias, "aliases") for alias in source.showing.aliases)):
        owner = taken.get(slug, source.id)
        if owner != source.id:
            told = f"网址 {slug} 以前是课程 {owner} 的，它的旧链接会转到这里来"
            findings.warning(source.line(key), told, "换一个网址，旧链接就还找得到原来的课")
