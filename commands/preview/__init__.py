"""``content preview``: the creators' folder as it will be seen, here alone, following each save."""

from commands.preview.command import preview

__all__ = ["preview"]
