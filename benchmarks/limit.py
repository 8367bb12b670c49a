"""A figure and what it must keep to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """``at_most`` or ``at_least`` bounds ``value``."""

    name: str
    value: float
    at_most: float = float("inf")
    at_least: float = float("-inf")

    @property
    def kept(self) -> bool:
        return self.at_least <= self.value <= self.at_most
