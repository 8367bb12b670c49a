"""The sandbox's one JSON file, checked when it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MODES = ("safe", "compatible", "plain")
OPENID_LENGTH_MAX = 64


class ConfigProblem(Exception):
    """The configuration cannot be used; the text names the key and the mend."""


@dataclass(frozen=True)
class FollowerSpec:
    """A follower who is there from the start, not yet subscribed."""

    openid: str
    name: str


DEFAULT_FOLLOWERS = (
    FollowerSpec("oKb7sX1aoL1nQ4wEr8TyU2iOp5Za", "小林"),
    FollowerSpec("oKb7sX1aoZh0uM3nBv6CxZ9lKj2H", "小周"),
)


@dataclass
class Config:
    """Everything the sandbox is told. ``service_url`` may be changed while it runs."""

    app_id: str
    app_secret: str
    token: str
    encoding_aes_key: str
    mch_id: str
    merchant_serial_no: str
    merchant_public_key: str
    """PEM path: verifies the service's Authorization signatures and its paySign."""
    api_v3_key: str
    platform_private_key: str
    """PEM path: signs answers and notifications."""
    platform_public_key_id: str
    host: str = "127.0.0.1"
    port: int = 8889
    service_url: str = "http://127.0.0.1:8888"
    account_name: str = "课伴"
    mode: str = "safe"
    state_dir: str = ""
    """Where followers, chats, transactions and refunds are kept; empty: in memory."""
    followers: tuple[FollowerSpec, ...] = DEFAULT_FOLLOWERS
    reply_timeout_s: float = 5.0
    """How long WeChat waits for a passive reply, and WeChat Pay for a notification's answer."""
    notify_schedule_s: tuple[float, ...] = (1, 2, 5, 15, 30, 60, 120, 300, 600)
    """Pauses between the tries of a notification; the real ones are 15 s … 6 h."""
    refund_delay_s: float = 1.0
    refund_gap_s: float = 60.0
    """Partial refunds of one transaction must lie this far apart."""
    merchant_private_key: str = ""
    """Not used here: the service's key, kept in the same file so that `demo` finds it."""
    platform_public_key: str = ""
    """Not used here: what the service verifies WeChat Pay with."""

    def __post_init__(self) -> None:
        self.service_url = self.service_url.rstrip("/")
        _check(self)

    @property
    def original_id(self) -> str:
        """The account's own id in messages (``gh_…``)."""
        return "gh_" + self.app_id.removeprefix("wx")[:12]


def load(path: Path) -> Config:
    """Read FILE; relative key paths count from its directory.

    Raises ConfigProblem with the file's name, the key and what to do."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigProblem(
            f"{path}: cannot be read ({error.strerror}); make it with: python -m sandbox keys DIR"
        ) from error
    except ValueError as error:
        raise ConfigProblem(f"{path}: is not JSON ({error})") from error
    if not isinstance(values, dict):
        raise ConfigProblem(f"{path}: must hold one JSON object")
    return from_dict(values, base=path.parent)


def from_dict(values: dict[str, Any], *, base: Path | None = None) -> Config:
    """A checked Config from plain JSON values. Raises ConfigProblem."""
    known = {field.name for field in fields(Config)}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigProblem(f"unknown key {unknown[0]!r}; known keys: {', '.join(sorted(known))}")
    made = dict(values)
    if "followers" in made:
        made["followers"] = _followers(made["followers"])
    if "notify_schedule_s" in made:
        made["notify_schedule_s"] = tuple(float(pause) for pause in made["notify_schedule_s"])
    for name in ("merchant_public_key", "platform_private_key", "state_dir"):
        if made.get(name) and base is not None:
            made[name] = str(base / made[name])
    try:
        return Config(**made)
    except TypeError as error:
        missing = str(error).rpartition(":")[2].strip()
        raise ConfigProblem(
            f"missing key {missing}; make the file with: python -m sandbox keys DIR"
        ) from error


def _followers(values: object) -> tuple[FollowerSpec, ...]:
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ConfigProblem('followers: must be a list of {"openid", "name"}')
    try:
        return tuple(FollowerSpec(str(value["openid"]), str(value["name"])) for value in values)
    except KeyError as error:
        raise ConfigProblem(f'followers: each needs "openid" and "name"; {error} is missing') from error


def _check(config: Config) -> None:
    if config.mode not in MODES:
        raise ConfigProblem(f"mode: {config.mode!r} is none of {', '.join(MODES)}")
    if config.mode != "plain" and len(config.encoding_aes_key) != 43:
        raise ConfigProblem("encoding_aes_key: must have 43 characters")
    if len(config.api_v3_key.encode()) != 32:
        raise ConfigProblem("api_v3_key: must have 32 bytes")
    url = urlsplit(config.service_url)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise ConfigProblem(f"service_url: {config.service_url!r} is not an http address")
    if not 0 <= config.port <= 65535:
        raise ConfigProblem("port: must lie between 0 and 65535")
