"""The file by which WeChat's console sees whose domain it is (网页授权域名, JS 接口安全域名).

The operator puts `MP_verify_….txt` into the data directory as it is. Nothing else there is served.
"""

from __future__ import annotations

from pathlib import Path

from handlers.web.base import Page
from infra.errors import NotFound

MAX_BYTES = 256  # WeChat's has 16
NAME = r"(MP_verify_[0-9A-Za-z]{1,64}\.txt)"


class VerifyHandler(Page):
    name = "verify"

    async def get(self, name: str) -> None:
        token = await self.work(read, self.room.data_dir, name)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(token)


def read(data_dir: Path, name: str) -> bytes:
    """Raises NotFound when there is no such file, or one that is none of WeChat's."""
    try:
        with (data_dir / name).open("rb") as file:
            token = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NotFound(f"no {name} in the data directory") from error
    if len(token) > MAX_BYTES:
        raise NotFound(f"{name} is too long for one of WeChat's")
    return token
