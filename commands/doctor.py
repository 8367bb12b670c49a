"""``doctor``: looks at everything that going live needs, one line a check, with a hint for each fault.

In English throughout: half of what it says are the rooms' own errors, as they stand in the log too. Only what
a creator's file is told stays in the creator's language, as `content check` says it.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property

from app import open_api, require_menus
from bot.api import WeChatApi
from commands.platform import menu_difference
from commands.tables import require_tables
from commands.wechat_checks import Unreached, check_callback, check_door
from content.check import read_folder
from content.shelf import Shelf
from content.watch_home import WATCHING_LOCK, elsewhere
from handlers.make_librarian import librarian_maker
from infra.clock import SystemClock
from infra.database import Database
from infra.errors import ConfigError, KebanError, Unavailable
from infra.http import Door
from infra.keyvalue import KeyValueStore
from infra.settings import Settings, require_pay_keys, require_wechat
from infra.stores import open_database, open_store
from payments.gateway import Gateway, GatewayRefused
from payments.opening import open_gateway, wechat_pay_keys
from payments.wechatpay import WeChatPayGateway
from payments.wechatpay_keys import certificate_ends

MAX_SKEW_S = 60
MIN_CERTIFICATE_DAYS = 30
# No order has this number: "unknown order" proves that WeChat Pay accepted our signature.
_NOBODYS_ORDER = "KEBANDOCTOR00000000"


@dataclass(frozen=True)
class Skipped(Exception):
    """A check that has nothing to look at yet; not a fault."""

    why: str


class Patient:
    """What is looked at, opened part by part, so that one that cannot be opened hides no other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._clock = SystemClock()
        self._opened = contextlib.ExitStack()

    @cached_property
    def db(self) -> Database:
        db = open_database(self.settings)
        self._opened.callback(db.close)
        return db

    @cached_property
    def store(self) -> KeyValueStore:
        store = open_store(self.settings)
        self._opened.callback(store.close)
        return store

    @cached_property
    def api(self) -> WeChatApi:
        return open_api(self.settings, self.store, self._clock)

    @cached_property
    def gateway(self) -> Gateway:
        return open_gateway(self.settings, self._clock)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.db, self._clock)

    def close(self) -> None:
        self._opened.close()


Check = Callable[[Patient], str]


def doctor(settings: Settings) -> int:
    """Status 0 when nothing is wrong, 1 otherwise; checks go on after a fault."""
    patient = Patient(settings)
    try:
        found = Counter(_run(name, check, patient) for name, check in CHECKS)
    finally:
        patient.close()
    print(f"\n{_summary(found)}")
    return 1 if found["!!"] else 0


def _summary(found: Counter[str]) -> str:
    left_out = f", {found['--']} left out" if found["--"] else ""
    if found["!!"]:
        return f"{found['ok']} ok{left_out}, {found['!!']} to mend."
    return f"All is well: {found['ok']} ok{left_out}."


def _run(name: str, check: Check, patient: Patient) -> str:
    """Prints the check's line and returns its mark."""
    try:
        print(f"ok  {name:<14} {check(patient)}")
    except Skipped as skipped:
        print(f"--  {name:<14} {skipped.why}")
        return "--"
    except KebanError as error:
        for line in _lines(name, error):
            print(line)
        return "!!"
    return "ok"


def _lines(name: str, error: KebanError) -> Iterator[str]:
    for line in error.message.splitlines():
        yield f"!!  {name:<14} {line}"
    if error.hint:
        yield f"    {'':<14} → {error.hint}"


def _database(patient: Patient) -> str:
    patient.db.ping()
    require_tables(patient.db)
    return patient.db.dialect


def _store(patient: Patient) -> str:
    patient.store.ping()
    return "redis" if patient.settings.redis.url else "embedded: good for one machine"


def _content(patient: Patient) -> str:
    folder = patient.settings.content.path
    courses, problems = read_folder(folder, zone=patient.settings.zone)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(
            f"{errors[0]}", hint=f"{len(errors)} faults; python manage.py content check shows all"
        )
    _skip_without_tables(patient, len(courses))
    catalogue = patient.shelf.catalogue()
    live = len(catalogue.courses) + len(catalogue.offers)
    if not live:
        raise ConfigError(
            f"{len(courses)} courses in the folder, none on the shelf",
            hint="python manage.py content publish",
        )
    _refuse_two_homes(patient)
    return f"{len(courses)} courses in the folder, {live} on the shelf"


def _refuse_two_homes(patient: Patient) -> None:
    settings = patient.settings
    home = elsewhere(patient.db, SystemClock(), settings.site.data_dir / WATCHING_LOCK)
    if home is not None and settings.content.watch:
        raise ConfigError(
            f"content.watch: what is saved here is not published, {home.place} publishes its folder",
            hint="content.watch = true belongs on one machine only",
        )


def _skip_without_tables(patient: Patient, courses: int) -> None:
    """The database has a line of its own, with what to do."""
    try:
        require_tables(patient.db)
    except KebanError as error:
        raise Skipped(f"{courses} courses in the folder; the shelf needs the database first") from error


def _vectors(patient: Patient) -> str:
    if not patient.settings.nlp.vectors:
        raise Skipped("no word vectors: words and concepts carry the search")
    librarian_maker(patient.settings.nlp.vectors)([], (), None)
    return patient.settings.nlp.vectors


def _address(patient: Patient) -> str:
    base = patient.settings.site.base_url
    if not base.startswith("https://") and "127.0.0.1" not in base and "localhost" not in base:
        raise ConfigError(f"site.base_url is {base}", hint="WeChat's pages and payments need https://")
    try:
        answer = Door("self", read_timeout_s=5).get(f"{base}/healthz")
    except Unavailable as error:
        raise ConfigError(
            f"{base} does not answer", hint="is the service running? python manage.py serve"
        ) from error
    if answer.status_code != 200:
        raise ConfigError(
            f"{base}/healthz answers {answer.status_code}", hint="does the proxy lead to this service?"
        )
    return base


def _clock(patient: Patient) -> str:
    api_base = patient.settings.wechat.api_base
    try:
        answer = Door("wechat", read_timeout_s=5).get(api_base)
    except Unavailable as error:
        raise ConfigError(
            f"{api_base} does not answer", hint="can this machine reach it? look at its DNS and firewall"
        ) from error
    date = answer.headers.get("Date")
    if not date:
        raise Skipped("WeChat's answer has no date")
    skew_s = abs((datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds())
    if skew_s > MAX_SKEW_S:
        raise ConfigError(
            f"this machine's clock is {skew_s:.0f} s off", hint="switch time synchronisation on"
        )
    return f"{skew_s:.0f} s apart from WeChat's"


def _door(patient: Patient) -> str:
    _skip_without_wechat(patient)
    return check_door(patient.settings)


def _token(patient: Patient) -> str:
    require_wechat(patient.settings)
    patient.api.check_secret()
    # The secret alone is taken from any address; a call is not.
    addresses = patient.api.callback_addresses()
    return f"app_id, app_secret and white list are right; WeChat calls from {len(addresses)} addresses"


def _callback(patient: Patient) -> str:
    _skip_without_wechat(patient)
    try:
        return check_callback(patient.api)
    except Unreached as lost:
        raise Skipped(str(lost)) from lost


def _skip_without_wechat(patient: Patient) -> None:
    try:
        require_wechat(patient.settings)
    except ConfigError as missing:
        raise Skipped("needs [wechat]") from missing


def _menu(patient: Patient) -> str:
    require_menus(patient.settings)
    if not patient.settings.wechat.app_secret.get_secret_value():
        raise Skipped("needs [wechat]")
    if menu_difference(patient.settings, patient.api):
        raise ConfigError("the menu in WeChat differs from config.toml", hint="python manage.py menu push")
    tags = len(patient.settings.menu_for)
    return "as in config.toml" + (f", and for {tags} tags" if tags else "")


def _pay_keys(patient: Patient) -> str:
    if not patient.settings.pay.configured:
        raise Skipped("[pay] is empty: only free courses can be taken")
    require_pay_keys(patient.settings)
    assert patient.gateway  # noqa: S101 - opened: whatever cannot be used has raised what is wrong
    keys = wechat_pay_keys(patient.settings)
    for path, text in zip(
        patient.settings.pay.platform_certificates, keys.platform_certificates, strict=True
    ):
        _require_lasting(path, certificate_ends(text))
    modes = ["public key"] if keys.public_key else []
    modes += ["platform certificate"] if keys.platform_certificates else []
    coming = " and the coming ones" if keys.next_private_key or keys.next_api_v3_key else ""
    return f"merchant {keys.mch_id}, {' and '.join(modes)}; the keys{coming} can be read"


def _require_lasting(path: str, ends_at: datetime) -> None:
    days = (ends_at - datetime.now(UTC)).days
    if days < MIN_CERTIFICATE_DAYS:
        when = f"ends in {days} days" if days >= 0 else "has ended"
        raise ConfigError(
            f"pay.platform_certificates: {path} {when}",
            hint="download the new one and name it beside the old one, or change to the public key",
        )


def _pay(patient: Patient) -> str:
    if not patient.settings.pay.configured:
        raise Skipped("not configured")
    gateway = patient.gateway
    try:
        gateway.query(_NOBODYS_ORDER)
    except GatewayRefused as error:
        raise ConfigError(
            f"WeChat Pay refuses our signature: {error.code}",
            hint="pay.serial_no belongs to pay.private_key, and both to pay.mch_id?",
        ) from error
    _require_coming_key(patient)
    return "our signature is accepted, and WeChat Pay's is valid"


def _require_coming_key(patient: Patient) -> None:
    """The coming key by itself, before it is needed."""
    keys = wechat_pay_keys(patient.settings)
    if not keys.next_private_key:
        return
    alone = replace(
        keys, serial_no=keys.next_serial_no, private_key=keys.next_private_key, next_private_key=""
    )
    try:
        WeChatPayGateway(alone, SystemClock(), api_base=patient.settings.pay.api_base).query(_NOBODYS_ORDER)
    except GatewayRefused as error:
        raise ConfigError(
            f"WeChat Pay refuses the coming key's signature: {error.code}",
            hint="pay.next_serial_no belongs to pay.next_private_key, and is that certificate valid already?",
        ) from error


CHECKS: tuple[tuple[str, Check], ...] = (
    ("database", _database),
    ("store", _store),
    ("content", _content),
    ("nlp.vectors", _vectors),
    ("site.base_url", _address),
    ("clock", _clock),
    ("door", _door),
    ("wechat", _token),
    ("callback", _callback),
    ("menu", _menu),
    ("pay", _pay_keys),
    ("pay.api", _pay),
)
