"""Money in words, without a float on the way."""

from __future__ import annotations

import pytest

from handlers.price import price_text, yuan
from handlers.sentences import Sentences


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0"), (1, "0.01"), (10, "0.10"), (9900, "99"), (9990, "99.90"), (123456789, "1234567.89")],
)
def test_fen_are_written_exactly(fen: int, text: str) -> None:
    assert yuan(fen) == text


@pytest.mark.parametrize(
    ("fen", "original", "text"),
    [
        (9900, None, "¥99"),
        (9900, 19900, "¥99（原价 ¥199）"),
        (9900, 9900, "¥99"),
        (9900, 5000, "¥99"),
        (0, None, "免费"),
        (0, 9900, "免费（原价 ¥99）"),
    ],
)
def test_a_price_is_told_as_it_is(fen: int, original: int | None, text: str) -> None:
    assert price_text(Sentences(), fen, original) == text
