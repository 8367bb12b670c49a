"""From a question that was understood to an answer: score, limits, reasons; or a look around."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from nlp import concepts, intent, ranking, reason, refuse, sides
from nlp.answer import Answer, Hit
from nlp.catalogue import Catalogue
from nlp.concepts import Found
from nlp.document import LEVELS, Document
from nlp.judge import Judgement, level_number
from nlp.limits import Limits
from nlp.reading import Reading
from nlp.sums import Scores, highest

MOST_ORDERED = 60  # of the courses that fit, where the price orders them
SHORT_OF_BEST = 0.15  # a course below this share of the best score is not listed
BESIDE_A_PRICE = 0.3  # of the best score, that one course must have where a price leaves some over
NEAREST = 3
ELSEWHERE = 0.3  # lead of a concept that nobody teaches from which what is found is offered as a question
KNOWN_ENOUGH = 0.5  # share of technical words from which a refused question still gets what comes near
Flags = npt.NDArray[np.bool_]  # of each course
Rows = npt.NDArray[np.int64]  # some courses, in the order of the catalogue

BESIDE = 0.5 * concepts.NEAR_SHARE  # how far such a one is about a neighbour of a concept that was named


class Finding:
    """Answers questions from one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._judge = catalogue, catalogue.judge
        self._all = np.ones(len(catalogue.documents), dtype=np.bool_)
        self._all.flags.writeable = False

    def search(self, reading: Reading, limit: int, exclude: frozenset[str]) -> Answer:
        """The courses that fit, best first; without those in `exclude` (ids)."""
        if not self._catalogue.documents or reading.intent == intent.OFFTOPIC:
            return Answer()
        kept = self._kept(reading, exclude)
        if reading.stranger:
            return self._instead(reading, limit, exclude)
        if not reading.words:
            return self._browse(reading, limit, kept)
        answer = self._answer(reading, self._judge.judge(reading), kept, limit)
        # Whoever asks for a teacher sees what that teacher has.
        return answer if answer.hits or not reading.teacher else self._browse(reading, limit, kept)

    def _instead(self, reading: Reading, limit: int, exclude: frozenset[str]) -> Answer:
        """What others teach, for whoever asks for a teacher who is not here."""
        bare = replace(reading, stranger="", intent=intent.ASK if reading.words else intent.RECOMMEND)
        found = self.search(bare, limit, exclude)
        near = (found.hits or found.nearest)[:NEAREST]
        return Answer(nearest=near, note=reason.no_such_teacher(reading.stranger), chance=found.chance)

    def _kept(self, reading: Reading, exclude: frozenset[str]) -> Flags:
        """The courses that may be shown at all."""
        if not (reading.teacher or exclude or reading.without):
            return self._all
        kept, row = self._all.copy(), self._catalogue.row
        if reading.teacher:
            kept[:] = False
            kept[self._catalogue.taught_by(reading.teacher)] = True
        if exclude:
            kept[[row[each] for each in exclude if each in row]] = False
        if reading.without:
            kept[[*self._judge.about_any(reading.without)]] = False
        return kept

    def _answer(self, reading: Reading, judged: Judgement, kept: Flags, limit: int) -> Answer:
        leading = self._leading(judged.score, kept)
        enough = leading if len(leading) >= NEAREST else kept.nonzero()[0]
        first = _best(judged.score, enough, NEAREST)
        best = max((float(judged.helps[row]) for row in first), default=0.0)
        missing = judged.evidence.absent > 0  # what was named is taught by nobody
        sure = best >= refuse.SURELY
        if best < self._needed(reading, judged, first, best):
            near = self._near(judged, kept, first)
            return Answer(nearest=self._hits(reading, judged, near, best, NEAREST), chance=best)
        fitting = leading[judged.helps[leading] >= max(refuse.MAY_HELP, best / 2)]
        allowed = self._allowed(reading.limits, fitting)
        if reading.limits.has_price and len(allowed):
            # A course that only mentions it is no answer because it is cheap.
            least = BESIDE_A_PRICE * float(judged.score[fitting].max())
            allowed = allowed if float(judged.score[allowed].max()) >= least else allowed[:0]
        note = ""
        if not len(allowed) and (reading.limits.language or reading.limits.form):
            # A course in another language or form is better than none, if that is said.
            allowed = self._allowed(replace(reading.limits, language="", form=""), fitting)
            note = reason.not_so_given(reading.limits) if len(allowed) else ""
        if not len(allowed):
            rows = _best(judged.score, fitting, NEAREST * 2)  # some may have no reason to be shown
            nearest = self._hits(reading, judged, rows, best, NEAREST)
            return Answer(nearest=nearest, note=reason.none_keeps(reading.limits), chance=best)
        unsure = missing or bool(note) or not sure or judged.evidence.elsewhere > ELSEWHERE
        rows = self._in_order(reading, judged, allowed, limit)[:limit]
        hits = self._hits(reading, judged, rows, best, limit, weak=True)
        return Answer(hits, note=note, chance=best, unsure=unsure)

    def _needed(self, reading: Reading, judged: Judgement, first: Sequence[int], best: float) -> float:
        """The probability from which a course is offered: more where what was named is taught by nobody, or
        where nothing but likelihood speaks for it. That is looked at only where it decides."""
        if judged.evidence.absent > 0:
            return refuse.INSTEAD
        if not refuse.HELPS <= best < refuse.LIKELY:
            return refuse.HELPS
        return refuse.HELPS if self._firm(reading, judged, first) else refuse.LIKELY

    def _leading(self, score: Scores, kept: Flags) -> Rows:
        """The courses that are kept, without those that score far below the best of them."""
        everything = kept is self._all
        best = highest(score if everything else score[kept])
        rows: Rows = (score >= np.float32(SHORT_OF_BEST * best)).nonzero()[0]
        return rows if everything else np.asarray(rows[kept[rows]])

    def _in_order(self, reading: Reading, judged: Judgement, rows: Rows, limit: int) -> list[int]:
        """What fits, best first: ties parted, by price where that was asked for, one of each side first where
        two were held against each other."""
        said = reading.limits
        best = _best(judged.score, rows, MOST_ORDERED if said.cheap or said.dear else limit + ranking.PAGE)
        documents, worth = (
            self._catalogue.documents,
            dict(zip(best, judged.score[best].tolist(), strict=True)),
        )
        ordered = ranking.ranked(best, worth, documents, self._judge.alike)
        first = self._of_each_side(reading, judged, rows, best[0])
        worth.update(dict.fromkeys(first, worth[best[0]]))
        return ranking.by_price([*dict.fromkeys([*first, *ordered])], worth, documents, said)

    def _of_each_side(self, reading: Reading, judged: Judgement, rows: Rows, best: int) -> list[int]:
        """For 想学 Python 和 Java the best of these courses for each, in turn; before them the `best` of all
        where that is about both: for Python 和爬虫."""
        sided = self._judge.sides(reading)
        if not sided:
            return []
        helping = [rows[each.helps[rows] >= refuse.HELPS] for each in sided]
        in_turn = sides.in_turn(
            _best(each.score, those, sides.DEPTH) for each, those in zip(sided, helping, strict=True)
        )
        both = [best] if self._judge.is_about_all(best, judged.found) else []
        return [*dict.fromkeys([*both, *in_turn])]

    def _allowed(self, said: Limits, rows: Rows) -> Rows:
        """The courses among these that keep to what was said of price, length, language and form."""
        if said.has_price:
            rows = rows[self._catalogue.priced(said.allows)[rows]]
        if not said.has_manner:
            return rows
        longest, documents = self._catalogue.usual_minutes if said.short else None, self._catalogue.documents
        given = [said.gives(documents[row], longest) for row in rows.tolist()]
        return rows[np.array(given, dtype=np.bool_)]

    def _nearest(self, said: Limits, kept: Flags) -> list[int]:
        """The cheapest for a price that none keeps to, the shortest for a length; for another language or
        form those with which one would begin."""
        rows: list[int] = kept.nonzero()[0].tolist()
        documents = self._catalogue.documents
        if said.has_price:
            rows.sort(key=lambda row: documents[row].price_fen)
        elif said.short or said.max_minutes is not None:
            rows.sort(key=lambda row: documents[row].minutes)
        else:
            rows = self._spread(rows, said)
        return rows[:NEAREST]

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
        rows: Sequence[int],
        best: float,
        limit: int,
        *,
        weak: bool = False,
    ) -> tuple[Hit, ...]:
        """The first of these courses as hits; one for which no reason can be given is none."""
        share = best / (highest(judged.score) or 1.0)
        worth = [score * share for score in map(judged.score.item, reversed(rows))]
        # A course that was put before a better one is worth as much as that one here.
        falling = [*accumulate(worth, max)] if weak else worth
        hits: list[Hit] = []
        for place, row in enumerate(rows):
            document = self._catalogue.documents[row]
            told = partial(
                self._reason, reading, judged.found, row, judged.guessed if weak else None, not place
            )
            hit = Hit(document.id, document.title, round(falling[-1 - place], 4), told)
            # Where weak signs may be told there is always something to say.
            if weak or hit.reason:
                hits.append(hit)
        return tuple(hits[:limit])

    def _reason(
        self,
        reading: Reading,
        found: Sequence[Found],
        row: int,
        guessed: Sequence[int] | None,
        slips: bool,
    ) -> str:
        """`guessed`: the likely concepts where what is only likely may be told, else nothing."""
        document = self._catalogue.documents[row]
        match, weak = self._judge.in_common(reading, found, row, guessed or ()), guessed is not None
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
        allowed = self._allowed(reading.limits, kept.nonzero()[0]).tolist()
        if not allowed and kept.any():
            elsewise = self._allowed(replace(reading.limits, language="", form=""), kept.nonzero()[0])
            if len(elsewise) and (reading.limits.language or reading.limits.form):
                near = self._spread(elsewise.tolist(), reading.limits)[:NEAREST]
                note = reason.not_so_given(reading.limits)
                return Answer(nearest=self._facts(reading, near), note=note)
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


def _best(score: Scores, rows: Rows, most: int) -> list[int]:
    """The best of these courses, in order; of equal ones the first. Without sorting what nobody will see."""
    worth = score[rows]
    if len(rows) > most:
        parted = worth.copy()
        parted.partition(len(rows) - most)
        near = (worth >= parted[len(rows) - most]).nonzero()[0]
        rows, worth = rows[near], worth[near]
    best: list[int] = rows[(-worth).argsort(kind="stable")[:most]].tolist()
    return best
