"""What bundles and memberships include, against the courses that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from content.problem import Findings, Problem, did_you_mean
from content.written import CourseSource


@dataclass
class Known:
    """All that an offer may name, whether it stands in the folder or is live: tags by course id, and the ids
    of other offers and of drafts.
    """

    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offers: set[str] = field(default_factory=set)
    drafts: set[str] = field(default_factory=set)

    def add(self, sources: Iterable[CourseSource]) -> Known:
        """What stands in the folder wins over what is live."""
        for source in sources:
            self.add_one(source.id, source.tags, is_offer=bool(source.includes))
            if source.draft:
                self.drafts.add(source.id)
        return self

    def add_one(self, id_: str, tags: Iterable[str], *, is_offer: bool) -> None:
        self.tags.pop(id_, None)
        self.offers.discard(id_)
        if is_offer:
            self.offers.add(id_)
        else:
            self.tags[id_] = tuple(tags)


def settle_offers(
    sources: Sequence[CourseSource], known: Known, live: Mapping[str, bool] | None = None
) -> tuple[list[CourseSource], list[Problem]]:
    """Takes out offers that include what there is not. ``live``: whether each live id is an offer's."""
    problems: list[Problem] = []
    for source in sources:
        findings = Findings(source.path, problems)
        was_offer = (live or {}).get(source.id)
        if was_offer is not None and was_offer != bool(source.includes):
            findings.error(source.id_line, _CHANGED[was_offer], "换一个新的文件夹和 id；买过的人靠原来的 id")
        for kind, item in source.includes:
            _check(kind, item, source, known, findings)
    refused = {problem.path for problem in problems if problem.severity == "error"}
    return [source for source in sources if source.path not in refused], problems


_CHANGED = {
    True: "这个 id 一直是套餐或会员，不能改成课程",
    False: "这个 id 一直是课程，不能改成套餐或会员",
}


def _check(kind: str, item: str, source: CourseSource, known: Known, findings: Findings) -> None:
    line = source.includes_line
    if kind == "course":
        _check_course(item, line, known, findings)
    elif kind == "tag":
        tags = sorted({tag for tags in known.tags.values() for tag in tags})
        if item not in tags:
            hint = did_you_mean(item, tags) or "检查各门课的 tags，写法要一样"
            findings.error(line, f"没有一门课有标签 “{item}”", hint)


def _check_course(course_id: str, line: int, known: Known, findings: Findings) -> None:
    if course_id in known.offers:
        findings.error(line, f"{course_id} 也是套餐或会员，不能套在里面", "直接写里面那几门课的 id")
    elif course_id not in known.tags:
        hint = did_you_mean(course_id, sorted(known.tags)) or "检查那门课 _index.md 里的 id"
        findings.error(line, f"没有 id 是 “{course_id}” 的课程", hint)
    elif course_id in known.drafts:
        findings.warning(line, f"{course_id} 还是草稿", "它上架之后才会一起卖")
