"""What a search gives back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A course that was found: `score` 0 to 1, `reason` one line in Chinese made of what really matched."""

    id: str
    title: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`hits` best first, empty when nothing fits. Then `nearest` may hold what comes close, and `note` says
    in Chinese what stood in the way (a price nobody keeps to, for example). `chance` is the probability,
    0 to 1, that the best course helps, whether or not it is offered."""

    hits: tuple[Hit, ...] = ()
    nearest: tuple[Hit, ...] = ()
    note: str = ""
    chance: float = 0.0
