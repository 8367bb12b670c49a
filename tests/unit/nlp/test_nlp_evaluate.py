"""How good it is, how sure that is, and what a second setting changes."""

from pathlib import Path

import numpy as np
import pytest

from nlp import Document, Librarian, calibrate, compare, evaluate, refuse
from nlp.bootstrap import difference, interval
from nlp.evaluate import Labelled, Outcome, Result


def results(found: dict[str, list[str]]) -> list[Result]:
    """Every query wants the course that is named like it."""
    queries = [Labelled(query, "kind", {query: 3.0}) for query in found]
    return evaluate.run(lambda query: found[query], queries)


# -- intervals


def test_an_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    few, many = interval([0.0, 1.0] * 10), interval([0.0, 1.0] * 500)
    assert few.low < 0.5 < few.high and few.mean == many.mean == 0.5
    assert many.high - many.low < (few.high - few.low) / 3
    assert interval([0.3, 0.3]) == interval([0.3])


def test_an_interval_is_that_of_the_bootstrap() -> None:
    """95 % of the mean of 100 fair coins: 0.5 ± 1.96 · 0.5 / √100."""
    told = interval([0.0, 1.0] * 50)
    assert told.low == pytest.approx(0.402, abs=0.012) and told.high == pytest.approx(0.598, abs=0.012)


def test_a_difference_is_paired() -> None:
    """Queries differ far more than the settings: pairing finds what two separate intervals cannot."""
    before = [number / 100 for number in range(100)]
    after = [value + 0.01 for value in before]
    assert difference(before, after).is_certain
    assert interval(before).high > interval(after).low
    assert not difference(before, list(reversed(before))).is_certain


# -- the curve, the worst, the comparison


def test_the_curve_tells_what_a_threshold_costs_and_spares() -> None:
    queries = [Labelled("a", "good", {"a": 1.0}), Labelled("b", "good", {"b": 1.0}), Labelled("x", "off", {})]
    chances = {"a": 0.9, "b": 0.4, "x": 0.2}
    told = evaluate.run_in_turn(lambda each: Outcome([each.query], chances[each.query]), queries)
    points = {point.threshold: point for point in evaluate.curve(told, (0.1, 0.3, 0.5))}
    assert (points[0.1].good_refused, points[0.1].offtopic_refused) == (0, 0)
    assert (points[0.3].good_refused, points[0.3].offtopic_refused) == (0, 1)
    assert points[0.5].good_refused == 0.5
    assert evaluate.curve(told[:2]) == []


def test_the_worst_are_those_that_lost_most() -> None:
    told = results({"a": ["a"], "b": ["x", "b"], "c": []})
    assert [each.labelled.query for each in evaluate.worst(told, 5)] == ["c", "b"]
    assert len(evaluate.worst(told, 1)) == 1


def test_two_settings_are_held_against_each_other_by_query() -> None:
    before, after = results({"a": ["a"], "b": [], "c": []}), results({"a": [], "b": ["b"], "c": ["x", "c"]})
    assert [pair.after.labelled.query for pair in compare.wins(before, after, 5)] == ["b", "c"]
    assert [pair.after.labelled.query for pair in compare.losses(before, after, 5)] == ["a"]
    change = compare.by_kind(before, after)["kind"]
    assert change.queries == 3 and change.after > change.before
    assert change.difference.mean == pytest.approx(change.after - change.before)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"query": "x", "kind": "k", "relevant": {"a": NaN}}', "grade"),
        ('{"query": "x", "kind": "k", "relevant": {"a": -1}}', "grade"),
        ('{"query": "x", "kind": "k", "relevant": {}, "after": "y"}', "after"),
        ('{"query": "x", "kind": "k", "relevant": {"a": "b"}}', "a grade of b is none"),
        ('{"query": 3}', 'no "kind"'),
        ('{"query": "x", "kind": "k", "relevant": []}', '"relevant" is no object'),
        ("[]", "no JSON object"),
        ("nonsense", "no JSON"),
        ("[" * 100_000, "wanted"),
    ],
)
def test_what_is_no_label_is_named_by_its_line(tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(evaluate.BadQueries, match=rf"queries\.jsonl:2: .*{fault}"):
        evaluate.load(path)


def test_a_grade_of_nothing_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "queries.jsonl"
    path.write_text('{"query": "x", "kind": "k", "relevant": {"a": 0, "b": 2}}', encoding="utf-8")
    assert evaluate.load(path)[0].relevant == {"b": 2.0}


# -- fitting


def case(kind: calibrate.Kind, size: int = 5, **seen: float) -> calibrate.Case:
    row = refuse.Weights(**dict.fromkeys(refuse.Weights._fields, 0.0))._replace(bias=1.0, **seen)
    return calibrate.Case(size, kind, "", np.array([row]))


def cases() -> list[calibrate.Case]:
    chance = np.random.default_rng(1)
    answered = [case("answered", covered=float(each)) for each in chance.uniform(0.4, 1.0, 60)]
    return answered + [case("talk", covered=float(each)) for each in chance.uniform(0.0, 0.6, 60)]


def test_what_is_fitted_tells_answers_from_talk() -> None:
    weights = calibrate.fit(cases())
    assert weights.covered > 0 and weights == calibrate.fit(cases())
    told = calibrate.refused(cases(), weights)[0]
    assert told.answered < 0.1 < 0.5 < told.talk


def test_a_question_that_was_not_even_read_as_one_is_refused() -> None:
    nothing = calibrate.Case(5, "answered", "", np.zeros((0, len(refuse.Weights._fields))))
    assert calibrate.refused([nothing, *cases()], refuse.WEIGHTS)[0].answered > 0


def test_questions_are_asked_of_small_catalogues_too(small: Librarian) -> None:
    documents = [Document(f"c{number}", f"Python 第 {number} 课", tags=("Python",)) for number in range(6)]
    queries = [Labelled("想学 Python", "k", {"c0": 3.0}), Labelled("红烧肉怎么做", "talk", {})]
    told = list(calibrate.cases(documents, queries))
    assert {each.size for each in told} == {5, 6}
    assert {each.kind for each in told if each.size == 6} == {"answered", "talk"}
    assert all(each.evidence.shape[1] == len(refuse.WEIGHTS) for each in told)
    best = small.evidence("爬虫")
    assert 0 < len(best) <= refuse.LOOKED_AT and best[0][0] == 1.0
