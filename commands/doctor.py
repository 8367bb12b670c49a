"""``doctor``: looks at everything that going live needs, one line a check, with a hint for each fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from app import Rooms, menu_of, open_rooms
from bot import menu
from content.check import read_folder
from infra.errors import ConfigError, KebanError
from infra.http import Door
from infra.migrate import is_behind
from infra.settings import Settings, require, require_for_serving
from payments.gateway import GatewayRefused

MAX_SKEW_S = 60
# No order has this number: "unknown order" proves that WeChat Pay accepted our signature.
_NOBODYS_ORDER = "KEBANDOCTOR00000000"

Check = Callable[[Rooms], str]


@dataclass(frozen=True)
class Skipped(Exception):
    """A check that has nothing to look at yet; not a fault."""

    why: str


def doctor(settings: Settings) -> int:
    """Status 0 when nothing is wrong, 1 otherwise; checks go on after a fault."""
    faults = 0
    rooms = _open(settings)
    if rooms is None:
        return 1
    try:
        for name, check in CHECKS:
            faults += not _run(name, check, rooms)
    finally:
        rooms.close()
    print(f"\n{len(CHECKS) - faults} 项正常，{faults} 项要处理。" if faults else "\n一切正常。")
    return 1 if faults else 0


def _open(settings: Settings) -> Rooms | None:
    """Keys that cannot be read at all show up here, before any room is open."""
    try:
        require_for_serving(settings)
        return open_rooms(settings)
    except KebanError as error:
        for line in _lines("config", error):
            print(line)
        return None


def _run(name: str, check: Check, rooms: Rooms) -> bool:
    try:
        print(f"ok  {name:<14} {check(rooms)}")
    except Skipped as skipped:
        print(f"--  {name:<14} {skipped.why}")
    except KebanError as error:
        for line in _lines(name, error):
            print(line)
        return False
    return True


def _lines(name: str, error: KebanError) -> Iterator[str]:
    for line in error.message.splitlines():
        yield f"!!  {name:<14} {line}"
    if error.hint:
        yield f"    {'':<14} → {error.hint}"


def _database(rooms: Rooms) -> str:
    rooms.db.ping()
    if is_behind(rooms.db):
        raise ConfigError("the tables are not those of this version", hint="python manage.py db upgrade")
    return rooms.db.dialect


def _store(rooms: Rooms) -> str:
    rooms.store.ping()
    return "redis" if rooms.settings.redis.url else "embedded: good for one machine"


def _content(rooms: Rooms) -> str:
    folder = rooms.settings.content.path
    courses, problems = read_folder(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ConfigError(
            f"{errors[0]}", hint=f"{len(errors)} faults; python manage.py content check shows all"
        )
    live = len(rooms.shop.shelf.catalogue().courses)
    if not live:
        raise ConfigError(f"{len(courses)} courses in the folder, none on the shelf", hint="content publish")
    return f"{len(courses)} courses in the folder, {live} on the shelf"


def _vectors(rooms: Rooms) -> str:
    if not rooms.settings.nlp.vectors:
        raise Skipped("no word vectors: words and concepts carry the search")
    rooms.shop.library.librarian()
    return rooms.settings.nlp.vectors


def _address(rooms: Rooms) -> str:
    base = rooms.settings.site.base_url
    if not base.startswith("https://") and "127.0.0.1" not in base and "localhost" not in base:
        raise ConfigError(f"site.base_url is {base}", hint="WeChat's pages and payments need https://")
    answer = Door("self", read_timeout_s=5).get(f"{base}/healthz")
    if answer.status_code != 200:
        raise ConfigError(
            f"{base}/healthz answers {answer.status_code}", hint="does the proxy lead to this service?"
        )
    return base


def _clock(rooms: Rooms) -> str:
    answer = Door("wechat", read_timeout_s=5).get(rooms.settings.wechat.api_base)
    date = answer.headers.get("Date")
    if not date:
        raise Skipped("WeChat's answer has no date")
    skew_s = abs((datetime.now(UTC) - parsedate_to_datetime(date)).total_seconds())
    if skew_s > MAX_SKEW_S:
        raise ConfigError(
            f"this machine's clock is {skew_s:.0f} s off", hint="switch time synchronisation on"
        )
    return f"{skew_s:.0f} s apart from WeChat's"


def _token(rooms: Rooms) -> str:
    rooms.api.check_secret()
    addresses = rooms.api.callback_addresses()
    return f"app_id and app_secret are accepted; WeChat calls from {len(addresses)} addresses"


def _menu(rooms: Rooms) -> str:
    wanted, present = menu.lines(menu_of(rooms.settings)), menu.lines(rooms.api.get_menu())
    if wanted != present:
        raise ConfigError("the menu in WeChat differs from config.toml", hint="python manage.py menu push")
    return f"{len(present)} lines, as in config.toml"


def _pay_keys(rooms: Rooms) -> str:
    if not rooms.settings.pay.configured:
        raise Skipped("[pay] is empty: only free courses can be taken")
    require(rooms.settings, "pay.mch_id", "pay.serial_no", "pay.api_v3_key", "pay.public_key_id")
    return f"merchant {rooms.settings.pay.mch_id}, keys can be read"


def _pay(rooms: Rooms) -> str:
    if not rooms.settings.pay.configured:
        raise Skipped("not configured")
    try:
        rooms.gateway.query(_NOBODYS_ORDER)
    except GatewayRefused as error:
        raise ConfigError(
            f"WeChat Pay refuses our signature: {error.code}",
            hint="pay.serial_no belongs to pay.private_key, and both to pay.mch_id?",
        ) from error
    return "our signature is accepted, and WeChat Pay's is valid"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("database", _database),
    ("store", _store),
    ("content", _content),
    ("nlp.vectors", _vectors),
    ("site.base_url", _address),
    ("clock", _clock),
    ("wechat", _token),
    ("menu", _menu),
    ("pay", _pay_keys),
    ("pay.api", _pay),
)
