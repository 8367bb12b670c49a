"""The configuration: typed, read once, checked before anything starts.

Values come from a TOML file; ``KEBAN_SECTION__KEY`` in the environment overrides each of them, secrets
included. Whatever is wrong stops the start with the key's name and what to do. Relative paths are relative to
the configuration file's folder.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from sqlalchemy.engine import make_url

from infra.errors import ConfigError
from infra.files import make_folder

ENV_PREFIX = "KEBAN_"
AES_KEY_CHARS = 43
API_V3_KEY_BYTES = 32
SECRET_BYTES = 32


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values do not change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Section):
    host: str = "127.0.0.1"
    port: int = Field(default=8888, ge=1, le=65535)
    base_url: str = "http://127.0.0.1:8888"
    secret: SecretStr = SecretStr("")
    data_dir: Path = Path("var")
    timezone: str = "Asia/Shanghai"
    # Whose word about a visitor's address is believed, beside this machine's own: addresses or networks.
    proxies: tuple[str, ...] = ()

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one, strict=False)
            except ValueError as error:
                raise ValueError(f"{one} is no address and no network; e.g. 10.0.0.0/8") from error
        return value

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _http_address(value)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("is not a time zone; e.g. Asia/Shanghai") from error
        return value


class WeChat(Section):
    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")
    mode: Literal["safe", "compatible", "plain"] = "safe"
    customer_service: bool = True  # 「人工」 hands over to it; False where the account has none
    operators: list[str] = Field(default=[], max_length=20)  # openids: told what is wrong at the till
    api_base: str = "https://api.weixin.qq.com"
    open_base: str = "https://open.weixin.qq.com"

    @field_validator("api_base", "open_base")
    @classmethod
    def _address(cls, value: str) -> str:
        return _http_address(value)

    @field_validator("operators")
    @classmethod
    def _openids(cls, values: list[str]) -> list[str]:
        if not all(0 < len(one) <= 64 and one.isascii() and one.isprintable() for one in values):
            raise ValueError('must be openids, e.g. ["oAbC…"]: followers of this account')
        return values

    @field_validator("encoding_aes_key")
    @classmethod
    def _aes_key(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value()
        if key and not (len(key) == AES_KEY_CHARS and key.isascii() and key.isalnum()):
            raise ValueError(
                f"must have {AES_KEY_CHARS} letters and digits, as shown on WeChat's settings page"
            )
        return value


class Pay(Section):
    mch_id: str = ""
    serial_no: str = ""
    private_key: str = ""
    api_v3_key: SecretStr = SecretStr("")
    public_key_id: str = ""
    public_key: str = ""
    platform_certificates: tuple[
        str, ...
    ] = ()  # paths; older merchants have these, or both while they change
    next_serial_no: str = ""  # the merchant's coming certificate: used as soon as the present one is refused
    next_private_key: str = ""
    next_api_v3_key: SecretStr = SecretStr("")  # opens notifications too, while the key is being changed
    ways: tuple[Literal["jsapi", "native", "h5"], ...] = ("jsapi", "native", "h5")
    api_base: str = "https://api.mch.weixin.qq.com"

    @field_validator("ways")
    @classmethod
    def _each_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value):
            raise ValueError("must name at least one way to pay, and none twice")
        return value

    @field_validator("api_base")
    @classmethod
    def _address(cls, value: str) -> str:
        return _http_address(value)

    @field_validator("api_v3_key", "next_api_v3_key")
    @classmethod
    def _key_bytes(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value()
        if key and len(key.encode()) != API_V3_KEY_BYTES:
            raise ValueError(
                f"must be {API_V3_KEY_BYTES} bytes, as set on pay.weixin.qq.com under API security"
            )
        return value

    @property
    def configured(self) -> bool:
        """Whether anything of the section is filled in; then all of it must be."""
        named = (self.mch_id, self.serial_no, self.private_key, self.public_key_id)
        return any(named) or bool(self.platform_certificates)

    @property
    def key_files(self) -> dict[str, str]:
        """The files that hold keys, by the setting that names each; only those that are named."""
        files = {name: str(getattr(self, name)) for name in ("private_key", "public_key", "next_private_key")}
        files |= {f"platform_certificates.{at}": path for at, path in enumerate(self.platform_certificates)}
        return {name: path for name, path in files.items() if path}


class DatabaseSection(Section):
    url: str = "sqlite:///var/keban.db"


class RedisSection(Section):
    url: str = ""
    prefix: str = "keban:"  # of every key, so that one Redis can serve several services


class Content(Section):
    path: Path = Path("content/courses")
    watch: bool = False


class Nlp(Section):
    vectors: str = ""


class Log(Section):
    format: Literal["text", "json"] = "text"


class MenuButton(Section):
    """A button of the custom menu: a ``key`` (sends an event), a ``url`` (opens a page) or ``children``."""

    name: str
    key: str = ""
    url: str = ""
    children: tuple[MenuButton, ...] = ()


# What menus could once be made for; WeChat refuses it today (65320), and so does this file.
MAX_TAG_BYTES = 30  # WeChat refuses a longer name with 45158
_NO_MENU_FOR = ("sex", "gender", "country", "province", "city", "region", "language", "client_platform_type")


class TagMenu(Section):
    """The menu of the followers who have a tag; all others have ``menu``."""

    tag: str = Field(min_length=1)
    buttons: tuple[MenuButton, ...]

    @field_validator("tag")
    @classmethod
    def _short(cls, value: str) -> str:
        size = len(value.encode())
        if size > MAX_TAG_BYTES:
            raise ValueError(
                f"a tag has at most {MAX_TAG_BYTES} bytes at WeChat (10 汉字); this one has {size}"
            )
        return value

    @model_validator(mode="before")
    @classmethod
    def _by_tag_only(cls, value: Any) -> Any:
        old = [name for name in _NO_MENU_FOR if isinstance(value, dict) and name in value]
        if old:
            raise ValueError(
                f"WeChat makes no menus by {old[0]} any more (65320): leave it out, and give followers a tag"
            )
        return value


DEFAULT_MENU = (
    MenuButton(name="给我推荐", key="RECOMMEND"),
    MenuButton(name="我的课程", key="MY_COURSES"),
    MenuButton(
        name="更多",
        children=(
            MenuButton(name="全部课程", url="/courses"),
            MenuButton(name="我的订单", key="MY_ORDERS"),
            MenuButton(name="使用帮助", key="HELP"),
        ),
    ),
)


class Settings(BaseSettings):
    """All sections. Make it with `load`, which turns every fault into a ConfigError."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    site: Site = Site()
    wechat: WeChat = WeChat()
    pay: Pay = Pay()
    database: DatabaseSection = DatabaseSection()
    redis: RedisSection = RedisSection()
    content: Content = Content()
    nlp: Nlp = Nlp()
    log: Log = Log()
    menu: tuple[MenuButton, ...] = DEFAULT_MENU
    menu_for: tuple[TagMenu, ...] = ()

    _file: Path | None = PrivateAttr(None)  # what `load` has read, and the section as it was read there
    _pay_of_file: Pay | None = PrivateAttr(None)

    @property
    def file(self) -> Path | None:
        """Where [pay] came from, if it is still what it was there."""
        return self._file if self.pay is self._pay_of_file else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (whose values are handed to the constructor)."""
        return EnvSettingsSource(settings_cls), init_settings

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.timezone)


def load(path: Path) -> Settings:
    """Reads and checks the file and the environment.

    Raises ConfigError, one line a fault, each with the key and what to do.
    """
    values = _read_toml(path)
    _refuse_unknown_environment()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(path, fault) for fault in error.errors())) from None
    except SettingsError as error:
        # A whole section as one variable must be JSON; each key on its own is what the contract has.
        section = str(error).partition('field "')[2].partition('"')[0]
        raise ConfigError(
            f"{_variable((section,))}: is not JSON",
            hint=f"give each key by itself: {_variable((section, 'KEY'))}",
        ) from None
    settings = _with_absolute_paths(settings, path.resolve().parent)
    settings._file, settings._pay_of_file = path.resolve(), settings.pay
    return settings


def pay_again(settings: Settings) -> Settings:
    """With [pay] as the file has it now. Settings that did not come from a file stay. Raises ConfigError."""
    return settings if settings.file is None else load(settings.file)


def require(settings: Settings, *keys: str) -> None:
    """Raises ConfigError unless each ``section.key`` is filled in."""
    missing = [key for key in keys if not _plain(_value(settings, key))]
    if missing:
        lines = [
            f"{key} is empty: set it in config.toml or as {ENV_PREFIX}{key.upper().replace('.', '__')}"
            for key in missing
        ]
        raise ConfigError("\n".join(lines))


def require_for_serving(settings: Settings) -> None:
    """What a service that talks to WeChat cannot do without."""
    require_wechat(settings)
    if settings.pay.configured:
        require_pay_keys(settings)


def require_wechat(settings: Settings) -> None:
    """The account's own values; in the modes that encrypt, the key too."""
    keys = ["wechat.app_id", "wechat.app_secret", "wechat.token"]
    require(settings, *keys, *([] if settings.wechat.mode == "plain" else ["wechat.encoding_aes_key"]))


def require_pay_keys(settings: Settings) -> None:
    """All of [pay], once anything of it is there: each value, and each file as a PEM file.

    A merchant has WeChat Pay's public key, or its certificates, or both while one replaces the other.
    """
    pay = settings.pay
    keys = ["pay.mch_id", "pay.serial_no", "pay.private_key", "pay.api_v3_key"]
    if pay.public_key or pay.public_key_id or not pay.platform_certificates:
        keys += ["pay.public_key_id", "pay.public_key"]
    if pay.next_serial_no or pay.next_private_key:
        keys += ["pay.next_serial_no", "pay.next_private_key"]
    require(settings, *keys)
    for name, path in pay.key_files.items():
        _require_file(f"pay.{name}", path)


def cookie_secret(settings: Settings) -> str:
    """The secret that signs cookies: from the settings, else made once and kept under data_dir."""
    given = settings.site.secret.get_secret_value()
    if given:
        return given
    path = settings.site.data_dir / "secret"
    if not path.exists():
        _make_secret(path)
    kept = path.read_text().strip()
    if len(kept) < SECRET_BYTES:
        raise ConfigError(f"{path}: too short to sign anything", hint="delete it; a new one is made")
    return kept


def _make_secret(path: Path) -> None:
    """Of processes that start at once one wins, and the file is whole from the moment it has its name."""
    make_folder(path.parent, "site.data_dir")
    own = path.with_name(f".secret.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
    finally:
        own.unlink()


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file", hint="give another with --config FILE or KEBAN_CONFIG"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _refuse_unknown_environment() -> None:
    """A misspelt section in the environment would otherwise be ignored in silence."""
    for name in os.environ:
        section = name.removeprefix(ENV_PREFIX).lower().partition("__")
        if name.startswith(ENV_PREFIX) and section[1] and section[0] not in Settings.model_fields:
            raise ConfigError(
                f"{name}: unknown section{_did_you_mean(section[0], list(Settings.model_fields))}"
            )


def _explain(path: Path, fault: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    where = f"{path}: {key}"
    if _variable(fault["loc"]) in (name.upper() for name in os.environ):
        where = f"{_variable(fault['loc'])} ({key})"
    if fault["type"] == "extra_forbidden":
        return f"{where}: unknown key{_did_you_mean(str(fault['loc'][-1]), _siblings(fault['loc']))}"
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{where}: {message[0].lower()}{message[1:]}"


def _variable(location: Sequence[Any]) -> str:
    return ENV_PREFIX + "__".join(str(part).upper() for part in location)


def _siblings(location: tuple[Any, ...]) -> list[str]:
    model: Any = Settings
    for part in location[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        model = field.annotation if field is not None else model
        if not hasattr(model, "model_fields"):
            of_tag = location[0] == "menu_for" and "buttons" not in location
            return list((TagMenu if of_tag else MenuButton).model_fields)
    return list(model.model_fields)


def _did_you_mean(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known here: {', '.join(sorted(known))}"


def _http_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/")


def _value(settings: Settings, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(settings, section), name)


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _require_file(key: str, path: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise ConfigError(f"{key}: {path}: {error.strerror}", hint="the path of a PEM file") from None
    if b"-----BEGIN" not in start:
        raise ConfigError(f"{key}: {path} is not a PEM file", hint="it begins with -----BEGIN …")


def _with_absolute_paths(settings: Settings, base: Path) -> Settings:
    def absolute(path: str) -> str:
        return str(base / path) if path else ""

    return settings.model_copy(
        update={
            "site": settings.site.model_copy(update={"data_dir": base / settings.site.data_dir}),
            "content": settings.content.model_copy(update={"path": base / settings.content.path}),
            "nlp": settings.nlp.model_copy(update={"vectors": absolute(settings.nlp.vectors)}),
            "pay": settings.pay.model_copy(
                update={
                    "private_key": absolute(settings.pay.private_key),
                    "public_key": absolute(settings.pay.public_key),
                    "next_private_key": absolute(settings.pay.next_private_key),
                    "platform_certificates": tuple(map(absolute, settings.pay.platform_certificates)),
                }
            ),
            "database": DatabaseSection(url=_absolute_sqlite(settings.database.url, base)),
        }
    )


def _absolute_sqlite(url: str, base: Path) -> str:
    prefix = "sqlite:///"
    path = url.removeprefix(prefix)
    if not url.startswith(prefix) or path in ("", ":memory:"):
        return url
    return make_url(prefix).set(database=str(base / path)).render_as_string(hide_password=False)
