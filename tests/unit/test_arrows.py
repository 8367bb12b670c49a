"""The arrows between the rooms, read from the imports; see the map of rooms in the README."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"app", "manage", "commands", "handlers", "bot", "content", "nlp", "payments", "learners", "infra"}
ARROWS = {
    "app": ROOMS,
    "manage": ROOMS,
    "commands": ROOMS,
    "handlers": {"bot", "content", "nlp", "payments", "learners", "infra"},
    "payments": {"content", "infra"},
    "bot": {"infra"},
    "content": {"infra"},
    "learners": {"infra"},
    "nlp": set[str](),
    "infra": set[str](),
    "sandbox": set[str](),
}


def imported(file: Path) -> set[str]:
    tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    names = [
        name
        for node in tree
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("room", sorted(ARROWS))
def test_a_room_imports_only_what_its_arrows_lead_to(room: str) -> None:
    files = [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").exists() else sorted((ROOT / room).rglob("*.py"))
    assert files
    allowed = ARROWS[room] | {room}
    forbidden = {file.relative_to(ROOT): imported(file) & ({*ARROWS, "tests"} - allowed) for file in files}
    assert {str(file): names for file, names in forbidden.items() if names} == {}
