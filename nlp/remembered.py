"""A method whose latest answers are kept."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TypeVar
from weakref import WeakMethod

Asked = TypeVar("Asked", bound=Hashable)
Answered = TypeVar("Answered")


def remembered(method: Callable[[Asked], Answered], size: int) -> Callable[[Asked], Answered]:
    """For the object whose method it is to keep beside itself: the latest `size` answers.

    `lru_cache` over a bound method would hold the object that holds it, and a catalogue of yesterday would
    stay until the garbage collector comes by; a service lets it look at what is new only.
    """
    weakly = WeakMethod(method)

    def answer(asked: Asked) -> Answered:
        bound = weakly()
        if bound is None:
            raise ReferenceError("asked through an object that is gone")
        return bound(asked)

    return lru_cache(maxsize=size)(answer)
