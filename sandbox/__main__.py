"""``python -m sandbox --config FILE`` runs the sandbox; ``python -m sandbox keys DIR`` makes what it needs.

Exit status: 0 done, 1 it failed, 2 bad usage or bad configuration."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path

from sandbox.app import serve
from sandbox.config import MODES, ConfigProblem, load
from sandbox.keys import make


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="sandbox: %(message)s")
    if options.command == "keys":
        return _keys(options)
    if options.config is None:
        return _fail(2, "--config FILE is missing; make one with: python -m sandbox keys DIR")
    return _serve(options.config, with_parent=options.with_parent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A stand-in for WeChat and WeChat Pay."
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="the JSON file that `keys` makes")
    parser.add_argument(
        "--with-parent", action="store_true", help="end when standard input does, as it does with its parent"
    )
    keys = parser.add_subparsers(dest="command").add_parser(
        "keys", help="make keys and DIR/sandbox.json; keep what is there"
    )
    keys.add_argument("directory", type=Path, metavar="DIR")
    keys.add_argument("--port", type=int)
    keys.add_argument("--service-url")
    keys.add_argument("--mode", choices=MODES)
    return parser


def _keys(options: argparse.Namespace) -> int:
    try:
        made = make(options.directory, port=options.port, service_url=options.service_url, mode=options.mode)
    except (OSError, ValueError) as error:
        return _fail(1, f"{options.directory}: {error}")
    shown = {
        name: made[name]
        for name in sorted(made)
        if name == "config" or ("_key" in name and "/" in str(made[name]))
    }
    print(json.dumps(shown, ensure_ascii=False, indent=2))
    return 0


def _serve(path: Path, *, with_parent: bool) -> int:
    try:
        config = load(path)
        asyncio.run(serve(config, _say_address, with_parent=with_parent))
    except ConfigProblem as error:
        return _fail(2, str(error))
    except OSError as error:
        return _fail(
            1, f"{config.host}:{config.port} cannot be opened ({error.strerror}); choose another port"
        )
    return 0


def _say_address(url: str) -> None:
    """The one line on standard output: who started us waits for it."""
    print(f"sandbox: {url}", flush=True)


def _fail(status: int, message: str) -> int:
    print(f"sandbox: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
