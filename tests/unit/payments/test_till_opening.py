"""From the configuration to the gateway, and an edited [pay] that is taken up while it is used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from infra.clock import SystemClock
from infra.errors import ConfigError
from infra.settings import Settings, load
from payments.closed_gateway import ClosedGateway
from payments.key_watch import KeyWatch
from payments.opening import open_gateway, watch_keys
from payments.wechatpay import WeChatPayGateway
from tests.unit.payments.pretend_wechatpay import new_key, private_pem


@pytest.fixture
def pay(platform_keys: dict[str, Any]) -> dict[str, Any]:
    return {
        "mch_id": platform_keys["mch_id"],
        "serial_no": "AB",
        "private_key": platform_keys["merchant_private_key"],
        "api_v3_key": "k" * 32,
        "public_key_id": platform_keys["platform_public_key_id"],
        "public_key": platform_keys["platform_public_key"],
    }


def configured(folder: Path, pay: dict[str, Any]) -> Settings:
    """Written as with an editor, at another moment than before."""
    path = folder / "config.toml"
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(tomlkit.dumps({"wechat": {"app_id": "wx1"}, "pay": pay}), encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))
    return load(path)


def opened(settings: Settings) -> tuple[WeChatPayGateway, KeyWatch]:
    gateway = open_gateway(settings, SystemClock())
    watch = watch_keys(settings, gateway)
    assert isinstance(gateway, WeChatPayGateway) and watch is not None
    watch.close()  # the thread; the tests look by hand
    return gateway, watch


def serials(gateway: WeChatPayGateway) -> list[str]:
    return [key.serial_no for key in gateway._core._bunch.merchant]


def test_an_edited_section_is_taken_up_without_a_restart(tmp_path: Path, pay: dict[str, Any]) -> None:
    gateway, watch = opened(configured(tmp_path, pay))
    coming = tmp_path / "next.pem"
    coming.write_text(private_pem(new_key()))
    configured(tmp_path, pay | {"next_serial_no": "CD", "next_private_key": "next.pem"})
    assert serials(gateway) == ["AB"]
    assert watch.look() and serials(gateway) == ["AB", "CD"]
    configured(tmp_path, pay | {"serial_no": "CD", "private_key": "next.pem"})
    assert watch.look() and serials(gateway) == ["CD"]
    assert not watch.look()


def test_a_file_that_was_named_later_is_watched_too(tmp_path: Path, pay: dict[str, Any]) -> None:
    gateway, watch = opened(configured(tmp_path, pay))
    coming = tmp_path / "next.pem"
    coming.write_text(private_pem(new_key()))
    configured(tmp_path, pay | {"next_serial_no": "CD", "next_private_key": "next.pem"})
    assert watch.look()
    before = gateway._core._bunch.merchant[1].private_key
    coming.write_text(private_pem(new_key()))
    os.utime(coming, ns=(1, 1))
    assert watch.look() and gateway._core._bunch.merchant[1].private_key is not before


def test_a_section_that_is_broken_meanwhile_changes_nothing(tmp_path: Path, pay: dict[str, Any]) -> None:
    gateway, watch = opened(configured(tmp_path, pay))
    with pytest.raises(ConfigError):
        configured(tmp_path, pay | {"api_v3_key": "short"})
    assert not watch.look() and serials(gateway) == ["AB"]
    configured(tmp_path, pay | {"serial_no": "EF"})
    assert watch.look() and serials(gateway) == ["EF"]


def test_a_shop_without_wechat_pay_watches_nothing(tmp_path: Path) -> None:
    settings = configured(tmp_path, {})
    gateway = open_gateway(settings, SystemClock())
    assert isinstance(gateway, ClosedGateway) and watch_keys(settings, gateway) is None
