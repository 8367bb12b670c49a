"""What docs/librarian.md shows is true: the five lines run, the concepts are read, the parts are there."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

import manage
from content.concepts import check_concepts, own_concepts
from nlp import is_known_concept

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "librarian.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_five_lines_run_and_find_the_course() -> None:
    lines = block("python")
    assert len([line for line in lines.splitlines() if line]) == 5
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(lines, "librarian.md", "exec"), {})
    assert told.getvalue().startswith("crawler ") and "爬虫" in told.getvalue()


def test_the_concepts_that_are_shown_are_read_without_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "_concepts").mkdir()
    (tmp_path / "_concepts" / "kitchen.toml").write_text(block("toml"), encoding="utf-8")
    files, problems = check_concepts(tmp_path, is_known_concept)
    assert problems == []
    assert [concept.name for concept in own_concepts(files)] == ["煲汤", "砂锅", "厨具"]


def test_each_part_that_is_named_is_there() -> None:
    named = set(re.findall(r"`([a-z_]+(?:\.py|/))`", PAGE)) - {"nlp/"}
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / "nlp" / name).exists()] == []


def test_each_command_that_is_shown_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(re.findall(r"manage\.py (ask|doctor|[a-z]+ [a-z]+)", PAGE))
    assert len(commands) >= 5
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            manage.main([*command.split(), "--help"])
        assert ended.value.code == 0, command
    capsys.readouterr()


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []
