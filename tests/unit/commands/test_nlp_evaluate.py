"""``nlp evaluate FILE``: figures for a good file, one clear line for any other."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.process import ROOT
from tests.unit.commands.conftest import Keban

GOOD = '{"query": "爬虫", "kind": "keyword", "relevant": {"crawler-one": 3}}\n'


def evaluate(keban: Keban, config: str, file: Path) -> str:
    """What is said about a file that cannot be used."""
    outcome = keban("--config", config, "nlp", "evaluate", str(file))
    assert (outcome.status, outcome.out) == (2, "")
    return outcome.err


def test_each_kind_has_its_figures(keban: Keban, config: str, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(GOOD + '{"query": "红烧肉怎么做", "kind": "none", "relevant": {}}\n', encoding="utf-8")
    outcome = keban("--config", config, "nlp", "evaluate", str(file))
    assert outcome.status == 0
    table, curve = outcome.out.split("\n\n")[:2]
    assert [line.split()[0] for line in table.splitlines()] == ["kind", "keyword", "none", "all"]
    assert "nothing fits" in curve and "0.50" in curve
    assert "crawler-one" not in outcome.err


def test_the_worst_are_shown_with_what_was_wanted_and_given(
    keban: Keban, config: str, tmp_path: Path
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text('{"query": "爬虫", "kind": "k", "relevant": {"nobody": 3}}\n', encoding="utf-8")
    outcome = keban("--config", config, "nlp", "evaluate", str(file))
    told = outcome.out.split("the worst\n")[1]
    assert "0.00 [k] 爬虫" in told and "wanted nobody 3" in told and "given  crawler" in told
    assert "1 of 1 labelled courses are not in" in outcome.err
    assert "the worst" not in keban("--config", config, "nlp", "evaluate", str(file), "--worst", "0").out


def test_two_settings_are_compared_by_kind(keban: Keban, config: str, courses: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(courses, elsewhere)
    shutil.rmtree(elsewhere / "crawler-one")
    file = tmp_path / "labelled.jsonl"
    file.write_text(GOOD, encoding="utf-8")
    words = ("--config", config, "nlp", "evaluate", str(file), "--compare", f"content={elsewhere}")
    out = keban(*words).out
    assert "difference" in out and "the largest losses" in out and "爬虫" in out
    told = json.loads(keban(*words, "--json").out)
    assert told["differences"]["keyword"]["difference"]["mean"] < 0
    assert told["losses"][0]["before"]["query"] == "爬虫"
    assert {"kinds", "curve", "worst", "compared", "wins"} <= told.keys()


@pytest.mark.parametrize("setting", ["nonsense", "speed=9", "content="])
def test_a_setting_that_is_none_is_two_and_named(
    keban: Keban, config: str, tmp_path: Path, setting: str
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(GOOD, encoding="utf-8")
    outcome = keban("--config", config, "nlp", "evaluate", str(file), "--compare", setting)
    assert outcome.status == 2 and f"--compare {setting}" in outcome.err and "vectors=PATH" in outcome.err


def test_a_file_that_is_not_there_is_told_once(keban: Keban, config: str, tmp_path: Path) -> None:
    said = evaluate(keban, config, tmp_path / "gone.jsonl").splitlines()
    assert said[0] == f"{tmp_path}/gone.jsonl: No such file or directory"
    assert len(said) == 2 and '"relevant"' in said[1]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "no JSON"),
        ('{"query": "x", "relevant": {}}', 'no "kind"'),
        ('{"query": "x", "kind": "k", "relevant": []}', "relevant"),
        ('{"query": "x", "kind": "k", "relevant": {"a": "much"}}', "much"),
    ],
)
def test_a_bad_line_is_named(keban: Keban, config: str, tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(GOOD + line + "\n", encoding="utf-8")
    said = evaluate(keban, config, file)
    assert said.startswith(f"{file}:2: ") and said.count(str(file)) == 1 and len(said.splitlines()) == 1
    assert fault in said and "wanted" in said


@pytest.mark.parametrize(("data", "fault"), [(b"", "no queries in it"), (b"\xff\xfe{}", "not UTF-8")])
def test_a_file_without_queries_is_told(
    keban: Keban, config: str, tmp_path: Path, data: bytes, fault: str
) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(data)
    assert evaluate(keban, config, file).startswith(f"{file}: {fault}")


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_the_sample_of_the_readme_is_a_good_file(
    keban: Keban, config: str, tmp_path: Path, name: str
) -> None:
    lines = re.findall(r'^\{"query".*$', (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 2
    file = tmp_path / "sample.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    assert keban("--config", config, "nlp", "evaluate", str(file)).status == 0
