"""What a plan to publish would change, course by course, against what is live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from content.difference import Change, Difference, announce, compare
from content.facts import facts_of, read_facts
from content.publish import Plan
from infra.database import Database

# How many may read each of these courses now.
CountBuyers = Callable[[Sequence[str]], Mapping[str, int]]


def propose(db: Database, plan: Plan, count_buyers: CountBuyers) -> list[Difference]:
    """Courses that go first, then those that change, then new ones. Raises Unavailable."""
    listed = {one.id: one for one in plan.live.values() if one.listed}
    touched = [one.id for one in plan.gone] + [course.id for course in plan.wanted if course.id in plan.live]
    buyers = count_buyers(touched)
    with db.reading() as conn:
        facts = read_facts(conn, [(id_, plan.live[id_].version) for id_ in touched])
    before = {id_: one for (id_, _), one in facts.items()}
    gone = [
        _gone(one.id, before[one.id].title, buyers.get(one.id, 0)) for one in plan.gone if one.id in before
    ]
    changed, new = [], []
    for course in plan.wanted:
        after, bought = facts_of(course), buyers.get(course.id, 0)
        if course.id in listed and course.id in before:
            lines = compare(before[course.id], after, buyers=bought)
            changed.append(Difference(course.id, course.title, "changed", lines, bought))
        else:
            kind = "back" if course.id in before else "new"
            new.append(Difference(course.id, course.title, kind, announce(after), bought))
    return [*gone, *changed, *new]


def _gone(id_: str, title: str, buyers: int) -> Difference:
    told = f"{buyers} 位买过的人还能读" if buyers else "没有人买过"
    return Difference(id_, title, "gone", (Change(told, grave=bool(buyers)),), buyers)
