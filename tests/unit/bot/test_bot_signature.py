from __future__ import annotations

import pytest

from bot.refusal import Refusal
from bot.signature import WINDOW_S, sign, verify, verify_message

# WeChat's documentation: token AAAAA.
OFFICIAL = [
    ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
    ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
]


def query(timestamp: str, nonce: str, signature: str) -> dict[str, str]:
    return {"timestamp": timestamp, "nonce": nonce, "signature": signature}


@pytest.mark.parametrize(("timestamp", "nonce", "signature"), OFFICIAL)
def test_the_official_vectors_are_reproduced(timestamp: str, nonce: str, signature: str) -> None:
    assert sign("AAAAA", timestamp, nonce) == signature
    assert verify("AAAAA", query(timestamp, nonce, signature), now_s=float(timestamp)) == WINDOW_S


@pytest.mark.parametrize("change", ["timestamp", "nonce", "signature"])
def test_a_changed_parameter_is_refused(change: str) -> None:
    given = query(*OFFICIAL[0])
    given[change] = given[change][:-1] + ("0" if given[change][-1] != "0" else "1")
    with pytest.raises(Refusal) as refused:
        verify("AAAAA", given, now_s=1714036504.0)
    assert refused.value.cause == "signature"


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "signature"])
def test_a_missing_parameter_is_refused(missing: str) -> None:
    given = query(*OFFICIAL[0])
    del given[missing]
    with pytest.raises(Refusal):
        verify("AAAAA", given, now_s=1714036504.0)


@pytest.mark.parametrize("age_s", [WINDOW_S + 1, -WINDOW_S - 1])
def test_a_request_outside_the_window_is_stale(age_s: float) -> None:
    with pytest.raises(Refusal) as refused:
        verify("AAAAA", query(*OFFICIAL[0]), now_s=1714036504 + age_s)
    assert refused.value.cause == "stale"


def test_a_signed_timestamp_that_is_no_number_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        verify("AAAAA", query("soon", "1", sign("AAAAA", "soon", "1")), now_s=0)
    assert refused.value.cause == "parameters"


@pytest.mark.parametrize("odd", ["é" * 40, "f" * 500, "\ud800"])
def test_an_unreadable_signature_is_refused_and_not_compared(odd: str) -> None:
    with pytest.raises(Refusal) as refused:
        verify("AAAAA", query("1714036504", "1514711492", odd), now_s=1714036504.0)
    assert refused.value.cause == "parameters"


def test_the_message_signature_covers_the_encrypted_text() -> None:
    given = {"timestamp": "1", "nonce": "2", "msg_signature": sign("AAAAA", "1", "2", "text")}
    verify_message("AAAAA", given, "text")
    with pytest.raises(Refusal):
        verify_message("AAAAA", given, "texT")
