"""From a question that was understood to an answer: score, limits, reasons; or a look around."""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import accumulate, islice

import numpy as np
import numpy.typing as npt

from nlp import concepts, intent, ranking, reason, refuse
from nlp.answer import Answer, Hit
from nlp.catalogue import Catalogue
from nlp.concepts import Found
from nlp.document import LEVELS, Document
from nlp.judge import Judgement, level_number
from nlp.limits import Limits
from nlp.postings import Scores
from nlp.reading import Reading

MOST_ORDERED = 60  # of the courses that fit, where the price orders them
SHORT_OF_BEST = 0.15  # a course below this share of the best score is not listed
NEAREST = 3
NEAR_THE_BEST = 0.7  # share of the best score above which the best few are looked for first
ELSEWHERE = 0.3  # lead of a concept that nobody teaches from which what is found is offered as a question
KNOWN_ENOUGH = 0.5  # share of technical words from which a refused question still gets what comes near
Flags = npt.NDArray[np.bool_]  # of each course

BESIDE = 0.5 * concepts.NEAR_SHARE  # how far such a one is about a neighbour of a concept that was named


class Finding:
    """Answers questions from one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._judge = catalogue, catalogue.judge

    def search(self, reading: Reading, limit: int, exclude: frozenset[str]) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        if not self._catalogue.documents or reading.intent == intent.OFFTOPIC:
            return Answer()
        kept = self._kept(reading, exclude)
        if not reading.words:
            return self._browse(reading, limit, kept)
        answer = self._answer(reading, self._judge.judge(reading), kept, limit)
        # Whoever asks for a teacher sees what that teacher has.
        return answer if answer.hits or not reading.teacher else self._browse(reading, limit, kept)

    def _kept(self, reading: Reading, exclude: frozenset[str]) -> Flags:
        """The courses that may be shown at all."""
        size, row = len(self._catalogue.documents), self._catalogue.row
        kept = np.ones(size, dtype=np.bool_)
        if reading.teacher:
            kept[:] = False
            kept[self._catalogue.taught_by(reading.teacher)] = True
        if exclude:
            kept[[row[each] for each in exclude if each in row]] = False
        if reading.without:
            kept[[*self._judge.about_any(reading.without)]] = False
        return kept

    def _answer(self, reading: Reading, judged: Judgement, kept: Flags, limit: int) -> Answer:
        first = _best(judged.score, kept, NEAREST)
        best = max((float(judged.helps[row]) for row in first), default=0.0)
        missing = judged.evidence.absent > 0  # what was named is taught by nobody
        doubtful = missing or not self._firm(reading, judged, first)
        if best < refuse.HELPS or (best < refuse.SURELY and doubtful):
            near = self._near(judged, kept, first)
            return Answer(nearest=self._hits(reading, judged, near, best, NEAREST), chance=best)
        fitting = kept & _fits(judged, first, best)
        allowed = self._allowed(reading.limits, fitting)
        if not allowed.any():
            rows = _best(judged.score, fitting, NEAREST * 2)  # some may have no reason to be shown
            nearest = self._hits(reading, judged, rows, best, NEAREST)
            return Answer(nearest=nearest, note=reason.none_keeps(reading.limits), chance=best)
        unsure = missing or best < refuse.SURELY or judged.evidence.elsewhere > ELSEWHERE
        rows = self._in_order(reading, judged, allowed, limit)
        hits = self._hits(reading, judged, rows, best, limit, weak=True)
        return Answer(_falling(hits), chance=best, unsure=unsure)

    def _in_order(self, reading: Reading, judged: Judgement, kept: Flags, limit: int) -> list[int]:
        """What fits, best first: ties parted, by price where that was asked for, one of each side first where
        two were held against each other."""
        sides, said = self._judge.sides(reading, judged.found, kept, judged.score), reading.limits
        best = _best(judged.score, kept, MOST_ORDERED if said.cheap or said.dear else limit + ranking.PAGE)
        documents, worth = self._catalogue.documents, {row: float(judged.score[row]) for row in best}
        ordered = ranking.ranked(best, worth, documents, self._judge.alike)
        return [*dict.fromkeys([*sides, *ranking.by_price(ordered, worth, documents, said)])]

    def _allowed(self, said: Limits, rows: Flags) -> Flags:
        """The courses among these that keep to what was said of price, length, language and form."""
        if said.has_price:
            rows = rows & self._catalogue.priced(said.allows)
        if not said.has_manner:
            return rows
        longest = self._catalogue.usual_minutes if said.short else None
        given = [said.gives(each, longest) for each in self._catalogue.documents]
        return rows & np.array(given, dtype=np.bool_)

    def _nearest(self, said: Limits, kept: Flags) -> list[int]:
        """The cheapest for a price that none keeps to, the shortest for a length."""
        rows: list[int] = kept.nonzero()[0].tolist()
        documents, by_price = (
            self._catalogue.documents,
            said.has_price or not (said.short or said.max_minutes),
        )
        return sorted(rows, key=lambda row: documents[row].price_fen if by_price else documents[row].minutes)[
            :NEAREST
        ]

    def _near(self, judged: Judgement, kept: Flags, first: Sequence[int]) -> list[int]:
        """What a refused question may still be shown: what helps a little, or what is about a neighbour of a
        subject that this catalogue has not (反爬: 爬虫). Nothing for everyday talk."""
        if not judged.found and judged.topic.known < KNOWN_ENOUGH:
            return []
        helpful = [row for row in first if judged.helps[row] >= refuse.COMES_NEAR]
        beside = self._judge.beside(judged.found)
        near = np.flatnonzero(kept & (beside >= BESIDE))
        order = np.lexsort((near, -judged.score[near], -beside[near]))[:NEAREST]
        return [*dict.fromkeys([*near[order].tolist(), *helpful])][:NEAREST]

    def _firm(self, reading: Reading, judged: Judgement, rows: Iterable[int]) -> bool:
        """Whether one of these has more in common with the question than likelihood."""
        matches = (self._judge.in_common(reading, judged.found, row) for row in rows)
        return any(reason.is_firm(reading.text, match) for match in matches)

    def _hits(
        self,
        reading: Reading,
        judged: Judgement,
        rows: Iterable[int],
        best: float,
        limit: int,
        *,
        weak: bool = False,
    ) -> tuple[Hit, ...]:
        """The first of these courses as hits; one for which no reason can be given is none."""
        top = float(judged.score.max(initial=0.0)) or 1.0
        hits = (
            self._hit(reading, judged, row, best * float(judged.score[row]) / top, told=(weak, not place))
            for place, row in enumerate(rows)
        )
        # Where weak signs may be told there is always something to say.
        return tuple(islice((hit for hit in hits if weak or hit.reason), limit))

    def _hit(
        self, reading: Reading, judged: Judgement, row: int, score: float, *, told: tuple[bool, bool]
    ) -> Hit:
        """`told`: whether weak signs are, and whether the slips that were put right."""
        document = self._catalogue.documents[row]
        reason_ = partial(self._reason, reading, judged.found, row, *told)
        return Hit(document.id, document.title, round(score, 4), reason_)

    def _reason(self, reading: Reading, found: Sequence[Found], row: int, weak: bool, slips: bool) -> str:
        document = self._catalogue.documents[row]
        match = self._judge.in_common(reading, found, row)
        line = reason.line(reading.text, match, reading.limits, document, weak=weak)
        if not line:
            return ""
        told = (_slips(reading, line) if slips else "", _taught(reading, document), line)
        return "，".join(filter(None, told))

    def _browse(self, reading: Reading, limit: int, kept: Flags) -> Answer:
        """No topic: the catalogue in its own order, by the limits, courses of many kinds first."""
        told = reading.without or reading.teacher or reading.limits != Limits()
        asked = reading.intent == intent.ASK and told
        if reading.intent != intent.RECOMMEND and not asked:
            return Answer()
        allowed = self._allowed(reading.limits, kept).nonzero()[0].tolist()
        if not allowed and kept.any():
            near = self._nearest(reading.limits, kept)
            return Answer(nearest=self._facts(reading, near), note=reason.none_keeps(reading.limits))
        return Answer(self._facts(reading, self._spread(allowed, reading.limits)[:limit]), chance=1.0)

    def _spread(self, rows: Sequence[int], said: Limits) -> list[int]:
        """By price when that was asked for, else by level, a second course of a kind later."""
        if said.cheap or said.dear:
            return sorted(rows, key=lambda row: self._catalogue.documents[row].price_fen, reverse=said.dear)
        level = LEVELS.index(said.level or "beginner")
        seen: dict[str, int] = {}
        keyed: list[tuple[float, int]] = []
        for row in rows:
            document = self._catalogue.documents[row]
            kind = document.tags[0] if document.tags else ""
            seen[kind] = seen.get(kind, 0) + 1
            off = abs(level_number(document) - level) * (2 if said.level else 1)
            keyed.append((seen[kind] + off, row))
        return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]

    def _facts(self, reading: Reading, rows: Iterable[int]) -> tuple[Hit, ...]:
        documents = (self._catalogue.documents[row] for row in rows)
        return tuple(
            Hit(each.id, each.title, 0.5, "，".join(filter(None, (_taught(reading, each), told))))
            for each in documents
            if (told := reason.facts(reading.limits, each))
        )


def _taught(reading: Reading, document: Document) -> str:
    """The teacher, for whoever asked for one."""
    title = "" if document.teacher.endswith("老师") else "老师"
    return f"{document.teacher}{title}主讲" if reading.teacher else ""


def _slips(reading: Reading, line: str) -> str:
    """Which slips were put right, unless the line tells it anyway."""
    pairs: Sequence[tuple[str, str]] = getattr(reading, "mended", ())
    return reason.mended(pair for pair in pairs if f"「{pair[0]}」" not in line)


def _falling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """A course that was put before a better one is worth as much as that one here."""
    worth = accumulate((hit.score for hit in reversed(hits)), max)
    return tuple(hit.worth(score) for hit, score in zip(hits, reversed([*worth]), strict=True))


def _fits(judged: Judgement, first: Sequence[int], best: float) -> Flags:
    floor = SHORT_OF_BEST * judged.score[first[0]]
    return np.asarray((judged.score >= floor) & (judged.helps >= max(refuse.MAY_HELP, best / 2)))


def _best(score: Scores, kept: Flags, most: int) -> list[int]:
    """The best of the courses that are kept, in order; of equal ones the first. Without sorting what nobody
    will see."""
    worth = np.where(kept, score, np.float32(-1))
    rows = (worth >= max(NEAR_THE_BEST * worth.max(), 0.0)).nonzero()[0]
    if len(rows) < most:
        rows = kept.nonzero()[0]
    if len(rows) > most:
        near = worth[rows]
        near.partition(len(rows) - most)
        rows = rows[worth[rows] >= near[len(rows) - most]]
    best: list[int] = rows[(-worth[rows]).argsort(kind="stable")[:most]].tolist()
    return best
