"""What ``doctor`` looks at between WeChat and the running service: each answers what is well, or raises with
the hint."""

from __future__ import annotations

import secrets
import string
import time
from typing import Any

from bot.account import Account
from bot.api import WeChatApi
from bot.document import parse
from bot.envelope import Envelope
from bot.signature import sign
from infra.errors import ConfigError
from infra.http import Door
from infra.settings import Settings

# Without a sender the door refuses it, so nothing is done; and it is refused only after it was decrypted.
_NOBODYS = b"<xml><Doctor>1</Doctor></xml>"
_READ, _UNREADABLE = 400, 403
_RESTART = "restart the service after a change of config.toml; is another service at this address?"


class Unreached(Exception):
    """Worth a look, and not a fault by itself."""


def check_door(settings: Settings) -> str:
    """Asks our own address as WeChat does: token, key and mode of the service that runs there."""
    url, door = f"{settings.site.base_url}/wechat", Door("self", read_timeout_s=5)
    _check_token(settings, url, door)
    running = _running_mode(settings, url, door)
    wanted = "plain" if settings.wechat.mode == "plain" else "encrypted"
    if running != wanted:
        raise ConfigError(f"the service at {url} takes {running} messages, not {wanted} ones", hint=_RESTART)
    return f"answers WeChat's check, takes {running} messages"


def check_callback(api: WeChatApi) -> str:
    """WeChat looks for the address that stands on its page. Raises Unreached for a lost ping."""
    found = api.network.check_callback()
    if not found:
        raise ConfigError(
            "WeChat finds no host for the server address on its page",
            hint="its name must be in the public DNS: 公众平台 → 设置与开发 → 基本配置 → 服务器配置",
        )
    addresses = ", ".join(reached.ip for reached in found)
    if all(reached.lost for reached in found):
        raise Unreached(f"WeChat's ping to {addresses} is lost; if messages stay away, look at the firewall")
    return f"WeChat finds {addresses}"


def _check_token(settings: Settings, url: str, door: Door) -> None:
    echo = secrets.token_hex(10)
    answer = door.get(url, params={**_signed(settings), "echostr": echo})
    if answer.status_code == 403:
        raise ConfigError(
            f"{url} refuses our signature", hint=f"its wechat.token or its clock is another; {_RESTART}"
        )
    if answer.status_code != 200 or answer.text != echo:
        raise ConfigError(
            f"{url} answers {answer.status_code}, and not the echo of WeChat's check",
            hint="does the proxy lead /wechat to this service, as it is?",
        )


def _running_mode(settings: Settings, url: str, door: Door) -> str:
    """Two letters tell: one under our key, and one under a key that nobody has. None has an effect."""
    other = _post(settings, url, door, _any_key())
    if other == _READ:
        return "plain"  # it refuses what is encrypted, before it looks for a key
    ours = settings.wechat.encoding_aes_key.get_secret_value()
    if ours and _post(settings, url, door, ours) == _UNREADABLE:
        raise ConfigError(
            f"the service at {url} cannot read our messages",
            hint=f"its wechat.encoding_aes_key or wechat.app_id is another; {_RESTART}",
        )
    return "encrypted"


def _post(settings: Settings, url: str, door: Door, aes_key: str) -> int:
    account = Account(settings.wechat.app_id, settings.wechat.token.get_secret_value(), aes_key, "safe")
    sealed = Envelope(account).seal(_NOBODYS, now_s=time.time())
    fields = parse(sealed)
    query = _signed(settings, timestamp=str(fields["TimeStamp"]), nonce=str(fields["Nonce"]))
    query |= {"msg_signature": str(fields["MsgSignature"]), "encrypt_type": "aes"}
    answer = door.post(url, params=query, data=sealed)
    if answer.status_code not in (_READ, _UNREADABLE):
        raise ConfigError(
            f"{url} answers {answer.status_code} to a message without a sender",
            hint="does the proxy lead /wechat to this service, as it is?",
        )
    return answer.status_code


def _signed(settings: Settings, **given: str) -> dict[str, Any]:
    stamp = given or {"timestamp": str(int(time.time())), "nonce": secrets.token_hex(5)}
    token = settings.wechat.token.get_secret_value()
    return {**stamp, "signature": sign(token, stamp["timestamp"], stamp["nonce"])}


def _any_key() -> str:
    # The last sign carries four bits of the key: "A" is one that every reader of base64 takes.
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(42)) + "A"
