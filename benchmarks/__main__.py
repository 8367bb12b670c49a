"""Runs the benchmarks that were named, or all, and prints their figures."""

from __future__ import annotations

import sys

from benchmarks import messages, start

ALL = {"start": start.run, "messages": messages.run}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names or ALL:
        print(f"\n== {name}")
        ALL[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
