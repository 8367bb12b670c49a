"""From a question that was understood to an answer: score, limits, reasons; or a look around."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, islice

import numpy as np

from nlp import concepts, intent, reason, refuse
from nlp.answer import Answer, Hit
from nlp.catalogue import Catalogue
from nlp.document import LEVELS, Document
from nlp.judge import Judgement, level_number
from nlp.limits import Limits
from nlp.reading import Reading

SHORT_OF_BEST = 0.15  # a course below this share of the best score is not listed
NEAREST = 3
KNOWN_ENOUGH = 0.5  # share of technical words from which a refused question still gets what comes near
BESIDE = 0.5 * concepts.NEAR_SHARE  # how far such a one is about a neighbour of a concept that was named


class Finding:
    """Answers questions from one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._judge = catalogue, catalogue.judge

    def search(self, reading: Reading, limit: int, exclude: frozenset[str]) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        if not self._catalogue.documents:
            return Answer()
        left_out = {self._catalogue.row[each] for each in exclude if each in self._catalogue.row}
        left_out |= self._judge.about_any(reading.without)
        if reading.teacher:
            left_out |= {
                row for row, teacher in enumerate(self._catalogue.teachers) if teacher != reading.teacher
            }
        if reading.intent == intent.OFFTOPIC:
            return Answer()
        if not reading.words:
            return self._browse(reading, limit, left_out)
        judged = self._judge.judge(reading)
        order: list[int] = np.argsort(-judged.score, kind="stable").tolist()
        if left_out:
            order = [row for row in order if row not in left_out]
        answer = self._answer(reading, judged, order, limit)
        # Whoever asks for a teacher sees what that teacher has.
        return answer if answer.hits or not reading.teacher else self._browse(reading, limit, left_out)

    def _answer(self, reading: Reading, judged: Judgement, order: Sequence[int], limit: int) -> Answer:
        best = max((float(judged.helps[row]) for row in order[:NEAREST]), default=0.0)
        if best < refuse.HELPS or (best < refuse.SURELY and not self._firm(reading, judged, order[:NEAREST])):
            return Answer(
                nearest=self._hits(reading, judged, _near(judged, order), best, NEAREST), chance=best
            )
        fitting = _fitting(judged, order, best)
        allowed = self._allowed(reading.limits, fitting)
        if not allowed:
            nearest = self._hits(reading, judged, fitting, best, NEAREST)
            return Answer(nearest=nearest, note=_no_such_price(reading.limits), chance=best)
        sides = self._judge.sides(reading, judged.found, allowed)
        rows = dict.fromkeys([*sides, *allowed])
        hits = self._hits(reading, judged, rows, best, limit, weak=True)
        return Answer(_falling(hits) if sides else hits, chance=best)

    def _allowed(self, said: Limits, rows: list[int]) -> list[int]:
        """The courses among these whose price keeps to what was said."""
        if not said.has_price:
            return rows
        return [row for row in rows if said.allows(self._catalogue.documents[row].price_fen)]

    def _firm(self, reading: Reading, judged: Judgement, rows: Iterable[int]) -> bool:
        """Whether one of these has more in common with the question than likelihood."""
        matches = (self._judge.in_common(reading, judged.found, row) for row in rows)
        return any(reason.subject(reading.text, match) for match in matches)

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
        hits = (self._hit(reading, judged, row, best * float(judged.score[row]) / top, weak) for row in rows)
        return tuple(islice((hit for hit in hits if hit.reason), limit))

    def _hit(self, reading: Reading, judged: Judgement, row: int, score: float, weak: bool) -> Hit:
        document = self._catalogue.documents[row]
        match = self._judge.in_common(reading, judged.found, row)
        line = reason.line(reading.text, match, reading.limits, document, weak=weak)
        told = (_taught(reading, document), line)
        return Hit(document.id, document.title, round(score, 4), "，".join(filter(None, told)))

    def _browse(self, reading: Reading, limit: int, left_out: set[int]) -> Answer:
        """No topic: the catalogue in its own order, by the limits, courses of many kinds first."""
        told = reading.without or reading.teacher or reading.limits != Limits()
        asked = reading.intent == intent.ASK and told
        if reading.intent != intent.RECOMMEND and not asked:
            return Answer()
        rows = [row for row in range(len(self._catalogue.documents)) if row not in left_out]
        allowed = self._allowed(reading.limits, rows)
        if not allowed and rows:
            near = sorted(rows, key=lambda row: self._catalogue.documents[row].price_fen)[:NEAREST]
            return Answer(nearest=self._facts(reading, near), note=_no_such_price(reading.limits))
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


def _falling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """A course that was put before a better one is worth as much as that one here."""
    worth = accumulate((hit.score for hit in reversed(hits)), max)
    return tuple(replace(hit, score=score) for hit, score in zip(hits, reversed([*worth]), strict=True))


def _near(judged: Judgement, order: Sequence[int]) -> list[int]:
    """What a refused question may still be shown: what helps a little, or what is about a neighbour of a
    subject that this catalogue has not (反爬: 爬虫). Nothing for everyday talk."""
    if not judged.found and judged.topic.known < KNOWN_ENOUGH:
        return []
    helpful = [row for row in order[:NEAREST] if judged.helps[row] >= refuse.COMES_NEAR]
    rows = np.array(order)
    near = rows[judged.beside[rows] >= BESIDE]
    beside: list[int] = near[np.argsort(-judged.beside[near], kind="stable")].tolist()
    return list(dict.fromkeys([*beside, *helpful]))[:NEAREST]


def _fitting(judged: Judgement, order: Sequence[int], best: float) -> list[int]:
    floor = SHORT_OF_BEST * judged.score[order[0]]
    fits = (judged.score >= floor) & (judged.helps >= max(refuse.MAY_HELP, best / 2))
    rows = np.array(order)
    listed: list[int] = rows[fits[rows]].tolist()
    return listed


def _no_such_price(said: Limits) -> str:
    if said.free:
        return "这一类暂时没有免费的"
    if said.max_price_fen is not None and said.min_price_fen is None:
        return f"{reason.price(said.max_price_fen)}以内暂时没有合适的"
    return "这个价位暂时没有合适的"
