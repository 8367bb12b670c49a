"""Exit statuses and what a mistake is answered with: the file, line or key, and the fix."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.flows.town import Town
from tests.process import free_ports, run
from tests.unit.commands.conftest import Keban

COMMANDS = (
    ["demo"], ["serve"], ["worker"], ["doctor"], ["menu", "push"], ["menu", "show"], ["db", "upgrade"],
    ["content", "new"], ["content", "check"], ["content", "publish"], ["ask"], ["nlp", "train"],
    ["nlp", "evaluate"], ["orders", "list"], ["orders", "show"], ["refund"],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_of_the_contract_explains_itself_and_takes_a_config(
    keban: Keban, words: list[str]
) -> None:
    outcome = keban(*words, "--help")
    assert outcome.status == 0
    assert "--config" in outcome.out


@pytest.mark.parametrize(
    "words",
    [[], ["fly"], ["content"], ["orders", "show"], ["refund", "A1"], ["serve", "--port", "many"],
     ["serve", "--port", "70000"], ["serve", "--processes", "0"], ["refund", "A1", "--fen", "y"]],
    ids=" ".join,
)  # fmt: skip
def test_bad_usage_is_two_and_says_what_is_right(keban: Keban, words: list[str]) -> None:
    outcome = keban(*words)
    assert outcome.status == 2
    assert "usage: manage.py" in outcome.err


def test_a_config_that_is_not_there_is_two_and_named(keban: Keban, tmp_path: Path) -> None:
    outcome = keban("--config", str(tmp_path / "none.toml"), "orders", "list")
    assert outcome.status == 2
    assert "none.toml: no such file" in outcome.err and "--config FILE" in outcome.err


def test_the_config_may_be_named_after_the_command_and_in_the_environment(
    keban: Keban, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(tmp_path / "none.toml")
    assert "none.toml" in keban("orders", "list", "--config", missing).err
    monkeypatch.setenv("KEBAN_CONFIG", missing)
    assert "none.toml" in keban("orders", "list").err


@pytest.mark.parametrize(
    ("section", "key", "value", "says"),
    [
        ("site", "prot", 1, "site.prot: unknown key; did you mean port?"),
        ("site", "port", "x", "site.port: input should be a valid integer"),
        ("wechat", "encoding_aes_key", "short", "wechat.encoding_aes_key: must have 43 letters and digits"),
        ("pay", "api_v3_key", "short", "pay.api_v3_key: must be 32 bytes"),
    ],
)
def test_a_bad_key_in_the_config_is_two_and_named_with_the_fix(
    keban: Keban,
    values: dict[str, Any],
    write_config: Callable[[dict[str, Any]], str],
    section: str,
    key: str,
    value: object,
    says: str,
) -> None:
    values[section][key] = value
    for words in (["serve"], ["doctor"], ["ask", "x"], ["db", "upgrade"]):
        outcome = keban("--config", write_config(values), *words)
        assert outcome.status == 2
        assert says in outcome.err


def test_a_database_address_that_is_none_is_two(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["database"]["url"] = "nosuch://x"
    outcome = keban("--config", write_config(values), "db", "upgrade")
    assert outcome.status == 2 and "database.url" in outcome.err


def test_a_database_that_does_not_answer_is_one_without_its_password(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["database"]["url"] = "postgresql+psycopg://keban:hunter2@127.0.0.1:1/keban"
    outcome = keban("--config", write_config(values), "db", "upgrade")
    assert outcome.status == 1
    assert "the database does not answer" in outcome.err and "hunter2" not in outcome.err


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_serving_without_its_keys_names_all_of_them(
    keban: Keban, command: str, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["wechat"] |= {"app_id": "", "token": ""}
    outcome = keban("--config", write_config(values), command)
    assert outcome.status == 2
    assert "wechat.app_id is empty" in outcome.err and "KEBAN_WECHAT__TOKEN" in outcome.err


def test_serving_with_a_key_file_that_is_missing_names_key_and_file(
    keban: Keban, values: dict[str, Any], write_config: Callable[[dict[str, Any]], str]
) -> None:
    values["pay"]["private_key"] = "gone.pem"
    outcome = keban("--config", write_config(values), "serve")
    assert outcome.status == 2
    assert "pay.private_key" in outcome.err and "gone.pem: No such file" in outcome.err


def test_a_busy_port_is_two_with_a_hint(config: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run("--config", config, "serve", "--port", str(port))
    assert outcome.returncode == 2
    assert f"127.0.0.1:{port} cannot be opened: Address already in use" in outcome.stderr
    assert "--port" in outcome.stderr and "Traceback" not in outcome.stderr


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_database_behind_its_migrations_is_not_served(config: str, command: str) -> None:
    port = ["--port", str(free_ports())] if command == "serve" else []
    outcome = run("--config", config, command, *port)
    assert outcome.returncode == 2
    assert "the tables are not those of this version" in outcome.stderr
    assert "python manage.py db upgrade" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_two_services_on_the_same_embedded_stores_are_refused(town: Town) -> None:
    outcome = run("--config", str(town.config), "serve", "--port", str(free_ports()))
    assert outcome.returncode == 2
    assert "another service is running on" in outcome.stderr and "redis.url" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_commands_output_is_its_answer_and_holds_no_log(config: str) -> None:
    outcome = run("--config", config, "doctor")
    assert outcome.returncode == 1
    lines = outcome.stdout.splitlines()
    assert any("site.base_url" in line for line in lines)  # which was asked for over HTTP: a logged call
    assert [line for line in lines if "room=" in line or "[info" in line] == []
