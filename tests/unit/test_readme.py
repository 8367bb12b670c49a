"""The two READMEs: equal, and true where a machine can tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import manage

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.en.md")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_COMMAND = re.compile(r"`(?:python )?manage\.py ([a-z]+(?: [a-z]+)?)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_each_link_leads_somewhere(name: str) -> None:
    missing = [target for target in _LINK.findall(text_of(name)) if not (ROOT / target).exists()]
    assert missing == []


@pytest.mark.parametrize("name", READMES)
def test_each_command_that_is_named_is_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(_COMMAND.findall(text_of(name)))
    assert len(commands) > 10
    for command in commands:
        words = command.split()
        with pytest.raises(SystemExit) as ended:
            manage.main([*words, "--help"])
        assert ended.value.code == 0, command
    capsys.readouterr()


def test_both_have_the_same_sections_tables_and_blocks() -> None:
    shapes = [re.findall(r"^(#+ |\||```|\d\. |- )", text_of(name), re.MULTILINE) for name in READMES]
    assert shapes[0] == shapes[1]
