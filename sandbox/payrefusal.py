"""How WeChat Pay says no: a status, a code and a sentence."""

from __future__ import annotations


class PayRefused(Exception):
    """``{"code": …, "message": …}`` with an HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def bad_parameter(message: str) -> PayRefused:
    return PayRefused(400, "PARAM_ERROR", message)


def bad_request(message: str) -> PayRefused:
    return PayRefused(400, "INVALID_REQUEST", message)
