"""The service as ``manage.py serve`` starts it, with a handler before the others that sleeps when told to."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from commands import serving
from handlers import chat
from handlers.chat.turn import Turn
from handlers.shop import Shop
from infra.settings import load

MARK = "睡一秒："
SLEEP_S = 1.0


def answer(_shop: Shop, turn: Turn) -> str | None:
    """Sleeps over a text that begins with the mark, as over a slow service of somebody else's."""
    if not turn.text.startswith(MARK):
        return None
    time.sleep(SLEEP_S)
    return "睡醒了"


if __name__ == "__main__":
    chat.INTENTS = (("text", answer), *chat.INTENTS)
    sys.exit(serving.serve(load(Path("config.toml"))))
