"""Runs the benchmarks that were named, or all; status 1 when a limit is not kept."""

from __future__ import annotations

import os
import sys

from benchmarks import (
    bill,
    building,
    followers,
    fresh,
    hostile,
    kills,
    latency,
    messages,
    notifications,
    overload,
    pages,
    paint,
    processes,
    quality,
    search,
    sessions,
    settling,
    sleepers,
    start,
    training,
)
from benchmarks.stores import NotHere

BUSY = 0.7  # a load before anything has begun
ALL = {
    "start": start.run,
    "messages": messages.run,
    "sessions": sessions.run,
    "latency": latency.run,
    "sleepers": sleepers.run,
    "followers": followers.run,
    "processes": processes.run,
    "overload": overload.run,
    "hostile": hostile.run,
    "fresh": fresh.run,
    "search": search.run,
    "training": training.run,
    "quality": quality.run,
    "building": building.run,
    "pages": pages.run,
    "paint": paint.run,
    "bill": bill.run,
    "settling": settling.run,
    "notifications": notifications.run,
    "kills": kills.run,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    if (load := os.getloadavg()[0]) > BUSY:
        print(f"others keep this machine busy (load {load:.1f}): figures by the clock mean little now")
    broken = []
    for name in names or ALL:
        print(f"\n== {name}")
        try:
            broken += [limit for limit in ALL[name]() if not limit.kept]
        except NotHere as missing:
            print(f"left out: {missing} is not on this machine")
    for limit in broken:
        print(f"not kept: {limit.name} is {limit.value:.2f}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
