"""Who we are on WeChat's platform: the page 设置与开发 → 基本配置, checked once at the start."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Literal

from infra.errors import ConfigError

Mode = Literal["safe", "compatible", "plain"]
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


@dataclass(frozen=True, slots=True)
class Account:
    """Raises ConfigError for a value that WeChat's page would not take."""

    app_id: str
    token: str = field(repr=False)
    encoding_aes_key: str = field(default="", repr=False)
    mode: Mode = "safe"

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ConfigError(
                "wechat.token is not usable", hint="3 to 32 letters and digits, the same as on WeChat's page"
            )
        if self.mode not in ("safe", "compatible", "plain"):
            raise ConfigError(f"wechat.mode is {self.mode!r}", hint='"safe", "compatible" or "plain"')
        if self.encrypts:
            self._check_encryption()

    @property
    def encrypts(self) -> bool:
        """True when encrypted messages can arrive."""
        return self.mode != "plain"

    @property
    def aes_key(self) -> bytes:
        """The 32 bytes of the key; EncodingAESKey is their base64 without its last sign."""
        return base64.b64decode(self.encoding_aes_key + "=")

    def _check_encryption(self) -> None:
        if not self.app_id:
            raise ConfigError("wechat.app_id is empty", hint=f"{self.mode} mode needs it to check messages")
        try:
            usable = bool(_AES_KEY.fullmatch(self.encoding_aes_key)) and len(self.aes_key) == 32
        except binascii.Error:
            usable = False
        if not usable:
            raise ConfigError(
                "wechat.encoding_aes_key is not usable",
                hint='43 letters and digits, the same as on WeChat\'s page; or set mode = "plain"',
            )
