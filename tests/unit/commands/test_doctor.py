"""``doctor``: one line a check, and a hint for each fault; it looks on after a fault."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from prometheus_client import Counter as Figure

from content.watch_home import WatchHome
from infra.clock import SystemClock
from infra.metrics import MESSAGES, REFUSALS
from tests.flows.town import Town
from tests.unit.commands.conftest import Keban, Outcome
from tests.unit.payments.pretend_wechatpay import new_key, private_pem

NO_SERVER = "postgresql+psycopg://u:hunter2@127.0.0.1:1/x"
Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def doctor(keban: Keban, town: Town, tmp_path: Path) -> Callable[..., Outcome]:
    """Doctor on the town's configuration, changed in one place."""

    def look(change: Change = lambda _values: None) -> Outcome:
        values = tomlkit.parse(town.config.read_text()).unwrap()
        values["site"]["data_dir"] = str(town.settings.site.data_dir)
        values["database"]["url"] = town.settings.database.url
        change(values)
        path = tmp_path / "config.toml"
        path.write_text(tomlkit.dumps(values), encoding="utf-8")
        return keban("--config", str(path), "doctor")

    return look


def line_of(outcome: Outcome, check: str) -> str:
    lines = outcome.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line[4:].startswith(f"{check} "))
    return "\n".join(lines[at : at + 2])


def test_all_is_well_when_everything_is_right(
    keban: Keban, town: Town, doctor: Callable[..., Outcome]
) -> None:
    keban("--config", str(town.config), "menu", "push")
    outcome = doctor()
    assert outcome.status == 0, outcome.out
    assert outcome.out.endswith("\nAll is well: 11 ok, 1 left out.\n")
    for check in (
        "database",
        "store",
        "content",
        "site.base_url",
        "clock",
        "door",
        "wechat",
        "callback",
        "menu",
        "pay",
        "pay.api",
    ):
        assert line_of(outcome, check).startswith("ok "), check


def set_value(section: str, key: str, value: object) -> Change:
    def change(values: dict[str, Any]) -> None:
        values.setdefault(section, {})[key] = value

    return change


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        (set_value("database", "url", "sqlite:///empty.db"), "database", "db upgrade"),
        (set_value("database", "url", NO_SERVER), "database", "does not answer"),
        (set_value("redis", "url", "redis://127.0.0.1:1/0"), "store", "Redis does not answer"),
        (set_value("site", "base_url", "http://example.com"), "site.base_url", "https://"),
        (set_value("site", "base_url", "http://127.0.0.1:1"), "site.base_url", "does not answer"),
        (set_value("wechat", "app_secret", "wrong"), "wechat", "app_secret"),
        (set_value("wechat", "token", "anotherToken"), "door", "wechat.token"),
        (set_value("wechat", "encoding_aes_key", "A" * 43), "door", "wechat.encoding_aes_key"),
        (set_value("wechat", "mode", "plain"), "door", "takes encrypted messages, not plain ones"),
        (set_value("pay", "serial_no", "0000"), "pay.api", "pay.serial_no"),
        (set_value("pay", "mch_id", "1"), "pay.api", "pay.mch_id"),
        (set_value("menu", "", None), "menu", "menu push"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_fault_has_its_line_and_its_hint(
    doctor: Callable[..., Outcome], change: Change, check: str, says: str
) -> None:
    def changed(values: dict[str, Any]) -> None:
        values.setdefault("redis", {})
        if check == "menu":
            values["menu"] = [{"name": "别的", "key": "HELP"}]
        else:
            change(values)

    outcome = doctor(changed)
    assert outcome.status == 1
    assert line_of(outcome, check).startswith("!! ")
    assert says in line_of(outcome, check)
    assert " to mend." in outcome.out and "hunter2" not in outcome.out


@pytest.mark.parametrize(
    ("faults", "check", "says"),
    [
        ({"clock_off_s": 300}, "clock", "switch time synchronisation on"),
        ({"token_refuse_code": 40125}, "wechat", "app_secret"),
        ({"token_refuse_code": 40243}, "wechat", "frozen"),
        ({"ip_refused": True}, "wechat", "40164 for 127.0.0.1"),
        ({"ip_refused": True}, "callback", "IP 白名单"),
        ({"rate_limit": 1}, "wechat", "quota"),
        ({"refuse_code": 48001}, "wechat", "verified"),
        ({"callback_unknown": 1}, "callback", "no server address"),
    ],
)
def test_each_fault_of_the_platform_has_its_line_and_its_hint(
    doctor: Callable[..., Outcome], town: Town, faults: dict[str, Any], check: str, says: str
) -> None:
    town.faults(**faults)
    outcome = doctor()
    town.faults()
    assert outcome.status == 1
    assert line_of(outcome, check).startswith("!! ")
    assert says in line_of(outcome, check)


def test_doctor_asks_again_as_soon_as_the_quota_was_cleared(
    doctor: Callable[..., Outcome], town: Town
) -> None:
    town.faults(rate_limit=1)
    lines = [line_of(doctor(), "wechat"), line_of(doctor(), "wechat")]
    assert [line[:3] for line in lines] == ["!! ", "ok "]


def test_a_lost_ping_is_told_and_is_no_fault(doctor: Callable[..., Outcome], town: Town) -> None:
    town.faults(callback_lost=1)
    line = line_of(doctor(), "callback")
    town.faults()
    assert line.startswith("-- ") and "firewall" in line


def test_a_look_at_the_door_is_no_message(doctor: Callable[..., Outcome], town: Town) -> None:
    """The service is in this process, so its figures are here."""
    assert town.service is not None
    handled, refused = counted(MESSAGES), counted(REFUSALS)
    assert line_of(doctor(), "door").startswith("ok ")
    assert counted(MESSAGES) == handled
    assert counted(REFUSALS) == refused + 2


def counted(figure: Figure) -> float:
    samples = (sample for metric in figure.collect() for sample in metric.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))


def test_a_broken_course_is_named(doctor: Callable[..., Outcome], town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.courses, tmp_path / "broken")
    (tmp_path / "broken" / "git-free" / "_index.md").write_text("---\ntitle: 坏了\n---\n")
    outcome = doctor(set_value("content", "path", str(tmp_path / "broken")))
    assert outcome.status == 1
    assert "git-free/_index.md" in line_of(outcome, "content")


def test_an_empty_shelf_is_told(doctor: Callable[..., Outcome], keban: Keban, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fresh.db"
    doctor(set_value("database", "url", url))
    assert keban("--config", str(tmp_path / "config.toml"), "db", "upgrade").status == 0
    outcome = doctor(set_value("database", "url", url))
    assert "none on the shelf" in line_of(outcome, "content")


def test_a_second_machine_that_watches_is_told_where_the_first_is(
    doctor: Callable[..., Outcome], town: Town, tmp_path: Path
) -> None:
    home = WatchHome(town.rooms.db, SystemClock(), tmp_path / "courses", tmp_path / "lock")
    with home.turn() as is_ours:
        assert is_ours
        outcome = doctor(set_value("content", "watch", True))
        assert outcome.status == 1
        assert f"{tmp_path}/courses" in line_of(outcome, "content")
        assert "one machine only" in line_of(outcome, "content")
        assert line_of(doctor(), "content").startswith("ok ")


def test_missing_keys_are_a_fault_of_their_own_and_hide_no_other_check(
    doctor: Callable[..., Outcome],
) -> None:
    outcome = doctor(set_value("wechat", "token", ""))
    assert outcome.status == 1
    assert line_of(outcome, "wechat").startswith("!!  wechat         wechat.token is empty")
    assert line_of(outcome, "database").startswith("ok ")
    assert line_of(outcome, "content").startswith("ok ")


def test_a_key_file_that_is_missing_is_a_fault_of_pay(doctor: Callable[..., Outcome]) -> None:
    outcome = doctor(set_value("pay", "private_key", "/nowhere/key.pem"))
    assert "/nowhere/key.pem" in line_of(outcome, "pay")
    assert line_of(outcome, "wechat").startswith("ok ")


def test_a_coming_key_is_tried_before_it_is_needed(
    doctor: Callable[..., Outcome], town: Town, tmp_path: Path
) -> None:
    def coming(serial: str, path: str) -> Change:
        def change(values: dict[str, Any]) -> None:
            values["pay"] |= {"next_serial_no": serial, "next_private_key": path}

        return change

    good = coming(town.settings.pay.serial_no, town.settings.pay.private_key)
    assert line_of(doctor(good), "pay").startswith("ok ") and "coming" in line_of(doctor(good), "pay")
    assert line_of(doctor(good), "pay.api").startswith("ok ")
    stranger = tmp_path / "next.pem"
    stranger.write_text(private_pem(new_key()))
    line = line_of(doctor(coming("0123456789ABCDEF", str(stranger))), "pay.api")
    assert line.startswith("!! ") and "coming key" in line and "pay.next_serial_no" in line


@pytest.mark.parametrize(("days", "says"), [(300, "ok "), (10, "ends in"), (-3, "has ended")])
def test_a_platform_certificate_that_ends_is_told(
    doctor: Callable[..., Outcome], tmp_path: Path, days: int, says: str
) -> None:
    path = tmp_path / "wechatpay.pem"
    path.write_text(certificate_of(new_key(), days))
    assert says in line_of(doctor(set_value("pay", "platform_certificates", [str(path)])), "pay")


def test_a_certificate_that_is_none_is_told(doctor: Callable[..., Outcome], town: Town) -> None:
    public_key = town.settings.pay.public_key
    line = line_of(doctor(set_value("pay", "platform_certificates", [public_key])), "pay")
    assert line.startswith("!! ") and "pay.public_key" in line


def certificate_of(key: RSAPrivateKey, days: int) -> str:
    """A platform certificate that ends in so many days."""
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com sign")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(4711).not_valid_before(now - timedelta(days=1000))
    made = made.not_valid_after(now + timedelta(days=days, hours=1))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def test_vectors_that_cannot_be_read_are_a_fault(doctor: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "broken.bin").write_bytes(b"no vectors")
    outcome = doctor(set_value("nlp", "vectors", str(tmp_path / "broken.bin")))
    assert line_of(outcome, "nlp.vectors").startswith("!! ")


def test_without_wechat_pay_the_checks_of_it_are_left_out_and_all_is_well(
    doctor: Callable[..., Outcome], keban: Keban, town: Town
) -> None:
    keban("--config", str(town.config), "menu", "push")

    def change(values: dict[str, Any]) -> None:
        values["pay"] = {}

    outcome = doctor(change)
    assert outcome.status == 0, outcome.out
    assert line_of(outcome, "pay").startswith("-- ")


def test_a_fresh_clone_is_counted_right_and_each_fault_says_its_command(
    keban: Keban, tmp_path: Path, courses: Path
) -> None:
    config = tmp_path / "config.toml"
    nowhere = {"base_url": "http://127.0.0.1:1"}
    fresh = {"site": nowhere, "wechat": {"api_base": "http://127.0.0.1:1"}, "content": {"path": str(courses)}}
    config.write_text(tomlkit.dumps(fresh), encoding="utf-8")
    outcome = keban("--config", str(config), "doctor")
    rows = set(re.findall(r"^(ok|--|!!)  (\S+)", outcome.out, re.MULTILINE))  # a fault may have two lines
    marks = [mark for mark, _ in rows]
    said = f"{marks.count('ok')} ok, {marks.count('--')} left out, {marks.count('!!')} to mend."
    assert outcome.status == 1 and outcome.out.endswith(f"\n{said}\n") and marks.count("--") > 1
    assert "nothing is set up yet" in line_of(outcome, "database")
    assert "python manage.py db upgrade" in line_of(outcome, "database")
    assert line_of(outcome, "content").startswith("-- ") and "8 courses" in line_of(outcome, "content")
    assert "python manage.py serve" in line_of(outcome, "site.base_url")
    assert "no such table" not in outcome.out
    assert not re.search("[\u4e00-\u9fff]", outcome.out), "one language"
