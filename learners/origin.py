"""Where a follower came from: the scene of a QR code, read as a channel and whoever recommended it.

A scene is what the code was made with (``scene_str``, 1 to 64 characters, or a number). ``poster`` is a
channel; ``share:xiaolin`` is a channel and a referrer: the part behind the first colon.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_SCENE = 64


@dataclass(frozen=True)
class Origin:
    """``channel`` and ``referrer`` are "" for who came without a code, or without a recommendation."""

    scene: str = ""

    @property
    def channel(self) -> str:
        return self.scene.partition(":")[0].strip()

    @property
    def referrer(self) -> str:
        return self.scene.partition(":")[2].strip()

    def as_data(self) -> dict[str, str]:
        """For a line of the event log."""
        return {"scene": self.scene, "channel": self.channel, "referrer": self.referrer}


def origin_of(scene: str) -> Origin:
    return Origin(scene[:MAX_SCENE].strip())
