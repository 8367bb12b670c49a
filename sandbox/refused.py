"""What the account's API says no with."""

from __future__ import annotations


class Refused(Exception):
    """An errcode with its words."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg
