"""``nlp evaluate FILE``: how good the librarian is on labelled queries, alone or beside another setting."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from commands import librarian
from infra.errors import ConfigError
from infra.settings import Settings
from nlp import Librarian, compare, evaluate
from nlp.bootstrap import Interval
from nlp.evaluate import Labelled, Outcome, Result

WORST, MOST_SHOWN = 10, 5
_FORMAT = (
    'a JSON object a line, such as {"query": "爬虫", "kind": "keyword", "relevant": {"python-crawler": 3}}'
)
_COMPARABLE = "vectors=PATH, vectors= (without any) or content=DIR"


@dataclass(frozen=True, slots=True)
class Setting:
    """What one side is made of: word vectors ("" for none) and the folder of courses."""

    vectors: str
    content: Path


def run(
    settings: Settings,
    file: Path,
    *,
    content: Path | None = None,
    against: str | None = None,
    as_json: bool = False,
    worst: int = WORST,
) -> int:
    """Prints the figures; with ``against`` also those of another setting, and the paired differences.

    Raises ConfigError for a file, a line or a setting that cannot be used.
    """
    labelled = _labelled(file)
    ours = Setting(settings.nlp.vectors, content or settings.content.path)
    other = _other(ours, against) if against is not None else None
    results = _results(ours, labelled)
    changed = _results(other, labelled) if other else None
    if as_json:
        print(json.dumps(_as_json(results, changed, worst), ensure_ascii=False))
        return 0
    _print_figures(results)
    _print_curve(results)
    if changed is None:
        _print_worst(results, worst)
    else:
        _print_figures(changed, title=f"with {against}")
        _print_comparison(results, changed)
    return 0


def _other(ours: Setting, told: str) -> Setting:
    """This setting with what ``--compare`` says of it."""
    changed = asdict(ours)
    for part in told.split(","):
        key, equals, value = part.partition("=")
        if not equals or key.strip() not in changed:
            raise ConfigError(f"--compare {told}: {part!r} is no setting", hint=f"give {_COMPARABLE}")
        changed[key.strip()] = value.strip()
    if not str(changed["content"]):
        raise ConfigError(f"--compare {told}: content needs a folder", hint=f"give {_COMPARABLE}")
    return Setting(str(changed["vectors"]), Path(changed["content"]))


def _results(setting: Setting, labelled: Sequence[Labelled]) -> list[Result]:
    made = librarian.make(setting.vectors, setting.content)
    _warn_of_unknown(made, labelled, setting.content)
    return evaluate.run_in_turn(lambda each: _asked(made, each), labelled)


def _asked(made: Librarian, each: Labelled) -> Outcome:
    _, answer = librarian.answer(made, each.query, each.after)
    return Outcome([hit.id for hit in answer.hits], answer.chance)


def _warn_of_unknown(made: Librarian, labelled: Sequence[Labelled], content: Path) -> None:
    """A label that names no course of the catalogue can only be lost: mostly it is another catalogue's."""
    named = dict.fromkeys(course for each in labelled for course in each.relevant)
    unknown = [course for course in named if course not in made]
    if unknown:
        print(
            f"{len(unknown)} of {len(named)} labelled courses are not in {content}, such as {unknown[0]}",
            file=sys.stderr,
        )


def _labelled(file: Path) -> list[Labelled]:
    """Raises ConfigError, which names the file, the line where one is to blame, and the fault."""
    try:
        labelled = evaluate.load(file)
    except evaluate.BadQueries as error:
        raise ConfigError(str(error)) from None  # it names file and line itself
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not UTF-8", hint="save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", hint=_FORMAT) from None
    if not labelled:
        raise ConfigError(f"{file}: no queries in it", hint=_FORMAT)
    return labelled


def _print_figures(results: Sequence[Result], title: str = "") -> None:
    if title:
        print(f"\n{title}")
    print(
        f"{'kind':<20} {'n':>5} {'nDCG@10':>7} {'95 %':<13} {'MRR@10':>7} {'95 %':<13}"
        f" {'Recall@5':>8} {'95 %':<13} {'refused':>8}"
    )
    for kind, row in evaluate.by_kind(results).items():
        print(
            f"{kind:<20} {row.queries:>5} {_with_ends(row.gain)} {_with_ends(row.reciprocal)}"
            f"  {_with_ends(row.recalled)} {row.refused:>8.1%}"
        )


def _with_ends(told: Interval) -> str:
    return f"{told.mean:>7.3f} {f'{told.low:.3f}–{told.high:.3f}':<13}"


def _print_curve(results: Sequence[Result]) -> None:
    points = evaluate.curve(results)
    if not points:
        return
    print("\nrefused below a probability of   " + " ".join(f"{each.threshold:>6.2f}" for each in points))
    print("  questions with an answer       " + " ".join(f"{each.good_refused:>6.1%}" for each in points))
    print("  questions that nothing fits    " + " ".join(f"{each.offtopic_refused:>6.1%}" for each in points))


def _print_worst(results: Sequence[Result], most: int) -> None:
    losers = evaluate.worst(results, most)
    if losers:
        print("\nthe worst")
    for each in losers:
        print(f"  {each.ndcg:.2f} [{each.labelled.kind}] {each.labelled.query}")
        print(f"       wanted {_wanted(each.labelled)}")
        print(f"       given  {_given(each)}")


def _wanted(labelled: Labelled) -> str:
    best = sorted(labelled.relevant.items(), key=lambda pair: -pair[1])[:MOST_SHOWN]
    return ", ".join(f"{course} {grade:g}" for course, grade in best) or "no course"


def _given(result: Result) -> str:
    return f"{', '.join(result.found[:MOST_SHOWN]) or 'no course'} ({result.chance:.2f})"


def _print_comparison(before: Sequence[Result], after: Sequence[Result]) -> None:
    print(f"\n{'nDCG@10':<20} {'n':>5} {'first':>7} {'second':>7} {'difference':>11} {'95 %':<15}")
    for kind, change in compare.by_kind(before, after).items():
        told = change.difference
        ends = f"{told.low:+.3f} … {told.high:+.3f}"
        sure = "" if told.is_certain else "  (may be chance)"
        print(
            f"{kind:<20} {change.queries:>5} {change.before:>7.3f} {change.after:>7.3f}"
            f" {told.mean:>+11.3f} {ends:<15}{sure}"
        )
    _print_pairs("the largest wins", compare.wins(before, after, MOST_SHOWN))
    _print_pairs("the largest losses", compare.losses(before, after, MOST_SHOWN))


def _print_pairs(title: str, pairs: Sequence[compare.Pair]) -> None:
    if pairs:
        print(f"\n{title}")
    for pair in pairs:
        print(f"  {pair.gained:+.2f} [{pair.after.labelled.kind}] {pair.after.labelled.query}")
        print(f"       wanted {_wanted(pair.after.labelled)}")
        print(f"       first  {_given(pair.before)}")
        print(f"       second {_given(pair.after)}")


def _as_json(results: Sequence[Result], changed: Sequence[Result] | None, most: int) -> dict[str, Any]:
    told = _side(results, most)
    if changed is None:
        return told
    return told | {
        "compared": _side(changed, most),
        "differences": {kind: asdict(each) for kind, each in compare.by_kind(results, changed).items()},
        "wins": [_pair(each) for each in compare.wins(results, changed, MOST_SHOWN)],
        "losses": [_pair(each) for each in compare.losses(results, changed, MOST_SHOWN)],
    }


def _side(results: Sequence[Result], most: int) -> dict[str, Any]:
    return {
        "kinds": {kind: asdict(each) for kind, each in evaluate.by_kind(results).items()},
        "curve": [asdict(point) for point in evaluate.curve(results)],
        "worst": [_one(each) for each in evaluate.worst(results, most)],
    }


def _one(result: Result) -> dict[str, Any]:
    return {
        "query": result.labelled.query,
        "kind": result.labelled.kind,
        "ndcg": result.ndcg,
        "relevant": dict(result.labelled.relevant),
        "found": list(result.found),
        "chance": result.chance,
    }


def _pair(pair: compare.Pair) -> dict[str, Any]:
    return {"gained": pair.gained, "before": _one(pair.before), "after": _one(pair.after)}
