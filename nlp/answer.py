"""What a search gives back."""

from collections.abc import Callable
from dataclasses import dataclass


class Hit:
    """A course that was found: `score` 0 to 1, `reason` one line in Chinese made of what really matched."""

    __slots__ = ("_reason", "id", "score", "title")

    def __init__(self, id: str, title: str, score: float, reason: str | Callable[[], str]) -> None:
        """`reason`: the line, or what makes it when it is read: of ten hits three are shown."""
        self.id, self.title, self.score, self._reason = id, title, score, reason

    @property
    def reason(self) -> str:
        """One line in Chinese."""
        if not isinstance(self._reason, str):
            self._reason = self._reason()
        return self._reason

    def worth(self, score: float) -> "Hit":
        """The same with another score."""
        return Hit(self.id, self.title, score, self._reason)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hit) and self._told == other._told

    def __hash__(self) -> int:
        return hash((self.id, self.score))

    def __repr__(self) -> str:
        return f"Hit{self._told}"

    @property
    def _told(self) -> tuple[str, str, float, str]:
        return self.id, self.title, self.score, self.reason


@dataclass(frozen=True, slots=True)
class Answer:
    """`hits` best first, empty when nothing fits. Then `nearest` may hold what comes close, and `note` says
    in Chinese what stood in the way (a price nobody keeps to, for example); beside hits it says what they do
    not keep to (a language, a form). `chance` is the probability,
    0 to 1, that the best course helps, whether or not it is offered; `unsure` hits are offered as a
    question (is it this that you are looking for?): little speaks for them, or what was named is taught by
    nobody."""

    hits: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    note: str = ""
    chance: float = 0.0
    unsure: bool = False
