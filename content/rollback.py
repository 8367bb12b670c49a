"""Brings an earlier version back, as a new one with the old contents; and tells which versions there are.

What was brought back stays for as long as the course's folder is what it was then: to publish a folder that
nobody has touched does not undo it. The next change that is saved there is published, as always.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, literal, select, update

from content import edition
from content import tables as t
from content.facts import Facts, read_facts
from content.live import Live, read_live
from infra.clock import Clock
from infra.database import Database
from infra.errors import Conflict, NotFound, Refused
from infra.log import get_logger

log = get_logger("content")


def kept_versions(db: Database, course_id: str) -> list[Facts]:
    """The versions that can be brought back, newest first."""
    row = t.course_version.c
    with db.reading() as conn:
        numbers = conn.scalars(select(row.version).where(row.course_id == course_id)).all()
        facts = read_facts(conn, [(course_id, number) for number in numbers])
    return sorted(facts.values(), key=lambda one: one.version, reverse=True)


def find_course(db: Database, name: str) -> Live:
    """By id, folder or address, present or former. Raises NotFound."""
    live = read_live(db)
    row = t.course_slug.c
    with db.reading() as conn:
        by_slug = conn.scalar(select(row.course_id).where(row.slug == name))
    by_folder = next((one for one in live.values() if one.listed and one.folder == name), None)
    found = live.get(name) or by_folder or live.get(by_slug or "")
    if found is None or found.version == 0:
        raise NotFound(f"没有叫 {name} 的课程", hint="写课程文件夹的名字，或文件头里的 id")
    return found


def roll_back(db: Database, clock: Clock, live: Live, version: int, held: str) -> int:
    """Makes a new version of what ``version`` was; its number.

    ``held``: the bare digest of the course's folder as it is now, "" when there is none. Raises Refused for a
    course off the shelf or an address that another has now, Conflict when somebody else published meanwhile.
    """
    if not live.listed:
        raise Refused("这门课已经下架，没有可以换回的页面", hint="把它的文件夹放回来，再 content publish")
    with db.transaction() as conn:
        _require_free_address(conn, live.id, version)
        if not _claim(conn, live, held, clock.now()):
            raise Conflict("刚刚有人发布了这门课", hint="看看 content history，再来一次")
        _copy(conn, live.id, version, live.version + 1, clock.now())
        edition.forget_old(conn, live.id, live.version + 1)
        edition.move_catalogue(conn)
    log.info("course_rolled_back", course=live.id, to=version, version=live.version + 1)
    return live.version + 1


def _require_free_address(conn: Connection, course_id: str, version: int) -> None:
    row, live = t.course_version.c, t.course.c
    slug = conn.scalar(select(row.slug).where(row.course_id == course_id, row.version == version))
    if slug is None:
        raise NotFound(f"没有第 {version} 版", hint="content history 列出还留着的版本")
    tenant = (
        select(live.folder)
        .join(t.course_version, (row.course_id == live.id) & (row.version == live.version))
        .where(row.slug == slug, live.id != course_id, live.listed.is_(True))
    )
    folder = conn.scalar(tenant)
    if folder is not None:
        raise Refused(f"第 {version} 版的网址 {slug} 现在是另一门课的：{folder}", hint="先给那门课换个网址")
    edition.keep_slug(conn, course_id, slug)


def _claim(conn: Connection, live: Live, held: str, now: datetime) -> bool:
    row = t.course.c
    moved = conn.execute(
        update(t.course)
        .where(row.id == live.id, row.version == live.version, row.listed.is_(True))
        .values(version=live.version + 1, held=held, changed_at=now)
    )
    return moved.rowcount == 1


def _copy(conn: Connection, course_id: str, version: int, to: int, now: datetime) -> None:
    own = {"published_at": now, "copy_of": version}
    for table in edition.OF_A_VERSION:
        changed: dict[str, Any] = {"version": to, **(own if table is t.course_version else {})}
        names = [column.name for column in table.columns]
        values = [
            literal(changed[name], table.c[name].type) if name in changed else table.c[name] for name in names
        ]
        rows = select(*values).where(table.c.course_id == course_id, table.c.version == version)
        conn.execute(insert(table).from_select(names, rows))
