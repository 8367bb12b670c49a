"""``content publish``, ``history`` and ``rollback``: what is on the shelf, and how it came there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from commands.tables import require_tables
from commands.telling import tell
from content.difference import Difference, compare, money
from content.facts import Facts
from content.folder import take_snapshot
from content.live import Live, read_live
from content.proposal import propose
from content.publish import Plan, Publisher, Report
from content.rollback import find_course, kept_versions, roll_back
from content.watch_home import WATCHING_LOCK, elsewhere
from infra.clock import SystemClock
from infra.database import Database
from infra.errors import NotFound, Refused
from infra.settings import Settings
from infra.stores import open_database
from nlp import is_known_concept
from payments.holders import holders_of

MOST_SHOWN = 200  # courses of one difference; a first publishing of a whole catalogue is counted, not listed
_KINDS = {"new": "新课", "back": "重新上架", "changed": "改动", "gone": "下架"}
Ask = Callable[[str], bool]


def publish(settings: Settings, *, yes: bool = False, dry_run: bool = False, ask: Ask | None = None) -> int:
    """Shows what would change, asks where somebody can answer, and brings the shelf in step with the folder.

    Refused courses keep their live version; status 1 when there are any, or when the answer is no.
    """
    with _database(settings) as db:
        if not dry_run:
            _refuse_elsewhere(db, settings)
        publisher = Publisher(db, SystemClock(), is_known=is_known_concept, zone=settings.zone)
        plan = publisher.plan(settings.content.path)
        tell(plan.problems, settings.content.path)
        _show(propose(db, plan, _counter(db)))
        if dry_run:
            print(_intended(plan))
            return 1 if _refused(plan) else 0
        if plan.changes and not (yes or (ask or _asked)("这样发布吗？")):
            print("没有发布，线上还是原来的样子。")
            return 1
        report = publisher.carry_out(plan)
    print(_done(report))
    if report.concepts:
        print(f"自己的概念更新了：{'、'.join(report.concepts)}")
    return 1 if report.errors else 0


def history(settings: Settings, name: str | None) -> int:
    """The kept versions of a course, newest first, with what each changed; of all courses without a name."""
    with _database(settings) as db:
        if name is None:
            _show_all(db, settings)
            return 0
        live = find_course(db, name)
        versions = kept_versions(db, live.id)
        print(f"{live.id}《{versions[0].title}》{'' if live.listed else '（已经下架）'}")
        for at, one in enumerate(versions):
            print(_version_line(one, live, settings))
            before = versions[at + 1] if at + 1 < len(versions) else None
            for line in _changes(before, one):
                print(f"      {line}")
    return 0


def rollback(
    settings: Settings, name: str, version: int | None, *, yes: bool = False, ask: Ask | None = None
) -> int:
    """Brings an earlier version back as a new one: the one before the present, or the one that is named."""
    with _database(settings) as db:
        _refuse_elsewhere(db, settings)
        live = find_course(db, name)
        versions = {one.version: one for one in kept_versions(db, live.id)}
        wanted = _wanted(versions, live, version)
        present = versions[live.version]
        buyers = _counter(db)([live.id]).get(live.id, 0)
        changes = compare(present, wanted, buyers=buyers)
        _show([Difference(live.id, present.title, "changed", changes, buyers)])
        if not (yes or (ask or _asked)(f"换回第 {wanted.version} 版吗？")):
            print("没有换，线上还是原来的样子。")
            return 1
        now = roll_back(db, SystemClock(), live, wanted.version, _held(settings, live))
    print(f"换回来了：第 {now} 版就是第 {wanted.version} 版的样子。")
    print("  文件夹没有动；在它改动之前，再发布也不会把它换掉。下次保存改动，就照文件夹发布。")
    return 0


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    db = open_database(settings)
    try:
        require_tables(db)
        yield db
    finally:
        db.close()


def _refuse_elsewhere(db: Database, settings: Settings) -> None:
    """Raises Refused where another machine would put its own folder back within a minute."""
    home = elsewhere(db, SystemClock(), settings.site.data_dir / WATCHING_LOCK)
    if home is not None:
        raise Refused(
            f"{home.place} 开着“保存就发布”，这里发布的会被它换回去",
            hint="在那台机器上发布；要换成这里，先在那里停掉课伴，或写 content.watch = false，等三分钟",
        )


def _counter(db: Database) -> Callable[[Sequence[str]], dict[str, int]]:
    def count(course_ids: Sequence[str]) -> dict[str, int]:
        with db.reading() as conn:
            return holders_of(conn, course_ids, SystemClock().now())

    return count


def _asked(question: str) -> bool:
    """Who runs a script has decided already; somebody at a terminal is asked."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return True
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes", "是")
    except EOFError:
        return False


def _show(differences: Sequence[Difference]) -> None:
    for one in differences[:MOST_SHOWN]:
        print(f"{_KINDS[one.kind]}  {one.id}《{one.title}》")
        for change in one.changes or ():
            print(f"    {'!!' if change.grave else '·'} {change.text}")
    if len(differences) > MOST_SHOWN:
        print(f"……还有 {len(differences) - MOST_SHOWN} 门")


def _intended(plan: Plan) -> str:
    files = f"，拒绝 {_refused(plan)} 个文件" if _refused(plan) else ""
    return (
        f"只是看看，什么都没有改。要发布 {len(plan.wanted)} 门，下架 {len(plan.gone)} 门，"
        f"没有变化 {len(plan.unchanged)} 门{files}。"
    )


def _refused(plan: Plan) -> int:
    return len({problem.path for problem in plan.problems if problem.severity == "error"})


def _done(report: Report) -> str:
    return (
        f"发布 {len(report.published)} 门，没有变化 {len(report.unchanged)} 门，"
        f"下架 {len(report.withdrawn)} 门，拒绝 {len({problem.path for problem in report.errors})} 个文件。"
    )


def _show_all(db: Database, settings: Settings) -> None:
    """Each course's present version, the latest published first."""
    live = read_live(db)
    told = []
    for one in live.values():
        versions = kept_versions(db, one.id) if one.version else []
        if versions:
            told.append((versions[0], one, _changes(versions[1] if len(versions) > 1 else None, versions[0])))
    for facts, pointer, changes in sorted(told, key=lambda row: _moment(row[0]), reverse=True):
        gone = "" if pointer.listed else "（已经下架）"
        print(f"{_version_line(facts, pointer, settings)}  {facts.id}《{facts.title}》{gone}")
        print(f"      {'；'.join(changes[:3])}{'……' if len(changes) > 3 else ''}")


def _version_line(one: Facts, live: Live, settings: Settings) -> str:
    at = _moment(one).astimezone(settings.zone)
    mark = "*" if one.version == live.version and live.listed else " "
    copied = f"  换回第 {one.copy_of} 版" if one.copy_of else ""
    return f"{mark} 第 {one.version} 版  {at:%Y-%m-%d %H:%M}  {money(one.price_fen)}{copied}"


def _changes(before: Facts | None, one: Facts) -> list[str]:
    if before is None:
        return ["第一次发布" if one.version == 1 else "更早的版本没有留着"]
    return [change.text for change in compare(before, one)] or ["看起来没有变化"]


def _moment(one: Facts) -> datetime:
    if one.published_at is None:
        raise ValueError("a version in the store has its time")
    return one.published_at


def _wanted(versions: dict[int, Facts], live: Live, version: int | None) -> Facts:
    """Raises NotFound for a version that is not kept, or no other."""
    wanted = live.version - 1 if version is None else version
    if wanted == live.version:
        raise NotFound(f"第 {wanted} 版就是现在线上的", hint=f"content history {live.id} 列出别的版本")
    if wanted not in versions:
        kept = "、".join(str(number) for number in sorted(versions) if number != live.version) or "没有"
        raise NotFound(f"没有第 {wanted} 版可以换回", hint=f"还留着的：{kept}")
    return versions[wanted]


def _held(settings: Settings, live: Live) -> str:
    folder: Path = settings.content.path / live.folder
    snapshot = take_snapshot(folder) if folder.is_dir() else None
    return snapshot.bare_digest if snapshot else ""
