"""Which of some keys have surely never been written, for keys that carry their time in front.

New keys are mostly asked for to learn that they are new. Where only this process writes them, its memory of
the last ones answers that without a trip to the store.
"""

from __future__ import annotations

MOST = 20_000


class Newest:
    """Remembers the newest ``most`` keys that begin with ``prefix`` and are followed by a time.

    ``greatest``: the greatest such key that was written before. Not safe to share by threads.
    """

    def __init__(self, prefix: str, greatest: str = "", *, most: int = MOST) -> None:
        self._prefix = prefix
        self._most = most
        self._known_from = greatest  # what is greater was written since, and is remembered
        self._keys: dict[str, None] = {}

    def never_written(self, key: str) -> bool:
        """True only when it is certain."""
        return key > self._known_from and key.startswith(self._prefix) and key not in self._keys

    def written(self, key: str) -> None:
        """Keys of other kinds are none of ours."""
        if key.startswith(self._prefix):
            self._keys[key] = None
            if len(self._keys) > self._most:
                self._forget()

    def _forget(self) -> None:
        """The lower half; of what is not greater than these nothing is certain from now on."""
        ordered = sorted(self._keys)
        middle = len(ordered) // 2
        lower, upper = ordered[:middle], ordered[middle:]
        self._known_from = max(self._known_from, lower[-1])
        self._keys = dict.fromkeys(upper)
