from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.config import ConfigProblem, from_dict, load
from sandbox.keys import make


def test_keys_are_made_once_and_addresses_follow_each_start(tmp_path: Path) -> None:
    first = make(tmp_path, port=1234, service_url="http://127.0.0.1:1233", mode="plain")
    second = make(tmp_path, port=4321)
    assert {**first, "port": 4321} == second
    assert (second["service_url"], second["mode"]) == ("http://127.0.0.1:1233", "plain")


def test_nobody_else_reads_them(tmp_path: Path) -> None:
    make(tmp_path)
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert len(files) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_file_is_a_whole_configuration(tmp_path: Path) -> None:
    made = make(tmp_path)
    config = load(Path(made["config"]))
    assert config.app_id.startswith("wx")
    assert len(config.encoding_aes_key) == 43
    assert config.encoding_aes_key.isalnum()
    assert all(len(follower.openid) == 28 and follower.openid[0] == "o" for follower in config.followers)
    assert Path(config.state_dir).parent == tmp_path


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"prot": 1}, "unknown key 'prot'"),
        ({"mode": "loud"}, "mode"),
        ({"api_v3_key": "short"}, "api_v3_key"),
        ({"encoding_aes_key": "short"}, "encoding_aes_key"),
        ({"service_url": "127.0.0.1"}, "service_url"),
        ({"port": 70000}, "port"),
        ({"followers": [{"name": "x"}]}, "followers"),
    ],
)
def test_a_bad_value_is_told_by_its_key(
    made_keys: dict[str, object], changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigProblem, match=told):
        from_dict({**made_keys, **changes})


def test_a_missing_key_is_told(made_keys: dict[str, object]) -> None:
    with pytest.raises(ConfigProblem, match="app_id"):
        from_dict({name: value for name, value in made_keys.items() if name != "app_id"})


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_prints_where_they_are(tmp_path: Path) -> None:
    done = command("keys", str(tmp_path), "--port", "8889")
    assert done.returncode == 0
    printed = json.loads(done.stdout)
    assert all(Path(path).exists() for path in printed.values())
    assert "app_secret" not in printed


def test_a_missing_configuration_is_two_plain_words_and_status_2(tmp_path: Path) -> None:
    done = command("--config", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert "none.json" in done.stderr
    assert "Traceback" not in done.stderr
