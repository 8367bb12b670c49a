#!/usr/bin/env python3
"""The command line: which words lead where. The work is in `commands/`.

Exit status: 0 done, 1 it failed, 2 bad usage or bad configuration.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

try:
    from infra.collector import building
    from infra.errors import ConfigError, KebanError
    from infra.log import configure_for_commands
    from infra.settings import Settings, load
except ModuleNotFoundError as missing:
    print(
        f"这个 python 里没有课伴需要的包（{missing.name}）。\n"
        "  → 先运行 source .venv/bin/activate；还没有 .venv，就先运行 make demo",
        file=sys.stderr,
    )
    sys.exit(2)

# As in `content.importing.kinds`, which is not imported for the sake of a help text.
_IMPORT_KINDS = ("word", "ghost", "hexo", "hugo", "obsidian", "book", "markdown", "html")

Run = Callable[[argparse.Namespace, Settings], int]


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    configure_for_commands()
    try:
        settings = load(Path(options.config))
        run: Run = options.run
        return run(options, settings)
    except ConfigError as error:
        return _fail(2, error)
    except KebanError as error:
        return _fail(1, error)
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130


def _fail(status: int, error: KebanError) -> int:
    print(error.message, file=sys.stderr)
    if error.hint:
        print(f"  → {error.hint}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="configuration file (config.toml, or KEBAN_CONFIG)",
    )
    parser = argparse.ArgumentParser(prog="manage.py", description="课伴：会聊天的课程小店。")
    parser.add_argument("--config", metavar="FILE", default=os.environ.get("KEBAN_CONFIG", "config.toml"))
    table = _Table(parser, shared)
    _serving(table)
    _platform(table)
    _creators(table)
    _librarian(table)
    _till(table)
    _invoices(table)
    return parser


class _Table:
    """Adds commands; each takes --config before or after its name."""

    def __init__(self, parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
        self._shared = shared
        self._rows = parser.add_subparsers(metavar="COMMAND", required=True)

    def row(self, name: str, help_text: str, run: Run) -> argparse.ArgumentParser:
        command = self._rows.add_parser(name, help=help_text, description=help_text, parents=[self._shared])
        command.set_defaults(run=run)
        return command

    def group(self, name: str, help_text: str) -> _Table:
        command = self._rows.add_parser(name, help=help_text, description=help_text)
        return _Table(command, self._shared)


def _serving(table: _Table) -> None:
    demo = table.row("demo", "service and pretend WeChat platform, everything embedded", _run_demo)
    demo.add_argument("--port", type=_port, default=8888)
    demo.add_argument("--data", type=Path, default=Path("var/demo"), metavar="DIR")
    serve = table.row("serve", "the service alone", _run_serve)
    serve.add_argument("--port", type=_port)
    serve.add_argument("--processes", type=_processes, default=1, metavar="N")
    worker = table.row("worker", "background jobs", _run_worker)
    worker.add_argument("--port", type=_port, help="tell Prometheus there what this worker counts")
    table.row("doctor", "checks everything that going live needs", _run_doctor)


def _platform(table: _Table) -> None:
    menu = table.group("menu", "the custom menu")
    menu.row("push", "put the menu of config.toml into WeChat", _run_menu_push)
    menu.row("show", "show the menu that WeChat has", _run_menu_show)
    db = table.group("db", "the database")
    db.row("upgrade", "bring the tables to this version", _run_db_upgrade)


def _creators(table: _Table) -> None:
    content = table.group("content", "creators' tools")
    new = content.row("new", "write a course folder to start from", _run_content_new)
    new.add_argument("slug")
    new.add_argument(
        "--lesson", default="", metavar="NN-NAME", help="one more lesson of a course that is there"
    )
    check = content.row("check", "everything that is wrong, at once", _run_content_check)
    check.add_argument("where", nargs="?", type=Path, metavar="DIR", help="one course, or a file of it")
    check.add_argument("--json", action="store_true", help="one JSON object a line")
    seen = content.row("preview", "courses as they will be seen, following each save", _run_content_preview)
    seen.add_argument("slug", nargs="?", metavar="SLUG", help="one course; all without it")
    seen.add_argument("--port", type=_port, default=8890)
    publish = content.row("publish", "bring the shelf in step with the folder", _run_content_publish)
    how = publish.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="do not ask")
    how.add_argument("--dry-run", action="store_true", help="only show what would change")
    told = content.row("history", "which versions there were, and what changed", _run_content_history)
    told.add_argument("slug", nargs="?", metavar="SLUG", help="a course's folder, address or id")
    back = content.row("rollback", "bring an earlier version of a course back", _run_content_rollback)
    back.add_argument("slug", metavar="SLUG")
    back.add_argument("version", nargs="?", type=_version, metavar="VERSION", help="the one before")
    back.add_argument("--yes", action="store_true", help="do not ask")
    _bring(content)


def _bring(content: _Table) -> None:
    bring = content.row("import", "a course from a folder or file of another tool", _run_content_import)
    bring.add_argument(
        "source", type=Path, metavar="SOURCE", help="a folder, .md, .docx, .html or Ghost's .json"
    )
    bring.add_argument("--slug", default="", metavar="SLUG", help="the course's folder name and id")
    bring.add_argument("--into", type=Path, metavar="DIR", help="another folder of courses")
    bring.add_argument("--title", default="", metavar="T", help="the course's title")
    bring.add_argument("--price", default="", metavar="YUAN", help='its price, such as "99.00"')
    bring.add_argument("--kind", default="", choices=_IMPORT_KINDS, help="if it is not recognised by itself")
    bring.add_argument("--dry-run", action="store_true", help="tell what would be written, and write nothing")


def _librarian(table: _Table) -> None:
    ask = table.row("ask", "ask the librarian; without QUERY one query a line from standard input", _run_ask)
    ask.add_argument("query", nargs="*", metavar="QUERY")
    ask.add_argument("--json", action="store_true", help="one JSON object a line")
    ask.add_argument("--content", type=Path, metavar="DIR", help="another folder of courses")
    nlp = table.group("nlp", "the librarian's artifacts")
    train = nlp.row("train", "train word vectors from text and the catalogue", _run_nlp_train)
    train.add_argument("--corpus", type=Path, action="append", default=[], metavar="PATH")
    train.add_argument("--out", type=Path, metavar="DIR", help="where to put them (data_dir/vectors)")
    train.add_argument("--workers", type=int, default=1, metavar="N")
    train.add_argument("--seed", type=int, default=1, metavar="N", help="the same vectors again")
    evaluate = nlp.row("evaluate", "score the librarian on labelled queries (JSON lines)", _run_nlp_evaluate)
    evaluate.add_argument("file", type=Path, metavar="FILE")
    evaluate.add_argument("--content", type=Path, metavar="DIR", help="another folder of courses")
    evaluate.add_argument(
        "--compare", metavar="SETTING", help="the same beside another: vectors=PATH, vectors= or content=DIR"
    )
    evaluate.add_argument("--worst", type=int, default=10, metavar="N", help="how many of the worst to show")
    evaluate.add_argument("--json", action="store_true", help="one JSON object")


def _till(table: _Table) -> None:
    orders = table.group("orders", "the till's books")
    listed = orders.row("list", "the newest orders", _run_orders_list)
    listed.add_argument("--status", metavar="STATUS", help="only these, e.g. fulfilled or refunded")
    listed.add_argument("--care", action="store_true", help="only those that somebody has to look at")
    orders.row("show", "all there is about one order", _run_orders_show).add_argument(
        "order_no", metavar="NO"
    )
    refund = table.row("refund", "send money back, all of it or a part", _run_refund)
    refund.add_argument("order_no", metavar="NO", help="an order, or one payment of an order that has two")
    refund.add_argument("--fen", type=int, metavar="N")
    refund.add_argument("--reason", required=True, metavar="TEXT")
    _books(table, orders)


def _books(table: _Table, orders: _Table) -> None:
    compare = table.row("reconcile", "a day's bill of WeChat Pay against the books", _run_reconcile)
    compare.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="a day of Beijing (yesterday)")
    compare.add_argument("--apply", action="store_true", help="repair what can be repaired")
    export = orders.row("export", "orders as CSV for a spreadsheet, on standard output", _run_orders_export)
    export.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD", help="30 days ago")
    export.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD", help="today, included")
    dismiss = orders.row("dismiss", "take a mark off: somebody has looked at it", _run_orders_dismiss)
    dismiss.add_argument("number", metavar="NO", help="an order, or a difference of reconcile (D12)")
    dismiss.add_argument("--reason", required=True, metavar="TEXT")
    grant = table.row("grant", "open a course for a follower", _run_grant)
    grant.add_argument("openid", metavar="OPENID")
    grant.add_argument("what", metavar="COURSE", help="its folder's name or id; or tag:NAME, or all")
    grant.add_argument("--access", default="forever", metavar="TERM", help="forever, 365d or 2027-12-31")
    grant.add_argument("--reason", required=True, metavar="TEXT")
    revoke = table.row("revoke", "end what a follower may read; no money moves", _run_revoke)
    revoke.add_argument("openid", metavar="OPENID")
    revoke.add_argument("what", metavar="COURSE|ORDER")
    revoke.add_argument("--reason", required=True, metavar="TEXT")


def _invoices(table: _Table) -> None:
    invoices = table.group("invoices", "what followers want to have on their invoices")
    invoices.row("list", "those that are still to be made out", _run_invoices_list)
    invoices.row("export", "all of them as CSV", _run_invoices_export)
    done = invoices.row("done", "this order's invoice is made out", _run_invoices_done)
    done.add_argument("order_no", metavar="NO")
    done.add_argument("--note", default="", metavar="TEXT", help="its number, say")


# Each command is imported when it runs: `ask` needs no web server, `content check` no database.


def _run_demo(options: argparse.Namespace, settings: Settings) -> int:
    with building():
        from commands.demo import demo

    return demo(settings, port=options.port, data=options.data)


def _run_serve(options: argparse.Namespace, settings: Settings) -> int:
    if options.port:
        settings = settings.model_copy(
            update={"site": settings.site.model_copy(update={"port": options.port})}
        )
    if options.processes > 1:
        from infra.figures import share

        # Before the import below, which makes the metrics.
        share(settings.site.data_dir / f"figures-{settings.site.port}", options.processes)
    with building():
        from commands.serving import serve

    return serve(settings, processes=options.processes)


def _run_worker(options: argparse.Namespace, settings: Settings) -> int:
    from commands.serving import worker

    return worker(settings, port=options.port)


def _run_doctor(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.doctor import doctor

    return doctor(settings)


def _run_menu_push(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.platform import menu_push

    return menu_push(settings)


def _run_menu_show(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.platform import menu_show

    return menu_show(settings)


def _run_db_upgrade(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.platform import db_upgrade

    return db_upgrade(settings)


def _run_content_new(options: argparse.Namespace, settings: Settings) -> int:
    from commands.creators import new

    return new(settings, options.slug, options.lesson)


def _run_content_check(options: argparse.Namespace, settings: Settings) -> int:
    from commands.checking import check

    return check(settings, options.where, as_json=options.json)


def _run_content_preview(options: argparse.Namespace, settings: Settings) -> int:
    from commands.preview import preview

    return preview(settings, options.slug, options.port)


def _run_content_publish(options: argparse.Namespace, settings: Settings) -> int:
    from commands.publishing import publish

    return publish(settings, yes=options.yes, dry_run=options.dry_run)


def _run_content_history(options: argparse.Namespace, settings: Settings) -> int:
    from commands.publishing import history

    return history(settings, options.slug)


def _run_content_rollback(options: argparse.Namespace, settings: Settings) -> int:
    from commands.publishing import rollback

    return rollback(settings, options.slug, options.version, yes=options.yes)


def _run_content_import(options: argparse.Namespace, settings: Settings) -> int:
    from commands.importing import run
    from content.importing.bring import Wish

    into = options.into or settings.content.path
    wish = Wish(options.source, into, options.slug, options.title, options.price, options.kind)
    return run(wish, dry=options.dry_run)


def _run_ask(options: argparse.Namespace, settings: Settings) -> int:
    from commands.librarian import ask

    return ask(settings, options.query, as_json=options.json, content=options.content)


def _run_nlp_train(options: argparse.Namespace, settings: Settings) -> int:
    from commands.librarian import train

    return train(settings, options.corpus, out=options.out, workers=options.workers, seed=options.seed)


def _run_nlp_evaluate(options: argparse.Namespace, settings: Settings) -> int:
    from commands.evaluating import run

    return run(
        settings,
        options.file,
        content=options.content,
        against=options.compare,
        as_json=options.json,
        worst=max(options.worst, 0),
    )


def _run_orders_list(options: argparse.Namespace, settings: Settings) -> int:
    from commands.orders import listed

    return listed(settings, status=options.status, care=options.care)


def _run_orders_show(options: argparse.Namespace, settings: Settings) -> int:
    from commands.orders import show

    return show(settings, options.order_no)


def _run_refund(options: argparse.Namespace, settings: Settings) -> int:
    from commands.orders import refund

    return refund(settings, options.order_no, options.fen, options.reason)


def _run_reconcile(options: argparse.Namespace, settings: Settings) -> int:
    from commands.reconcile import run

    return run(settings, options.date, apply=options.apply)


def _run_orders_export(options: argparse.Namespace, settings: Settings) -> int:
    from commands.operating import export

    return export(settings, options.first, options.last)


def _run_orders_dismiss(options: argparse.Namespace, settings: Settings) -> int:
    from commands.operating import dismiss

    return dismiss(settings, options.number, options.reason)


def _run_grant(options: argparse.Namespace, settings: Settings) -> int:
    from commands.operating import grant

    return grant(settings, options.openid, options.what, options.access, options.reason)


def _run_revoke(options: argparse.Namespace, settings: Settings) -> int:
    from commands.operating import revoke

    return revoke(settings, options.openid, options.what, options.reason)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written as 2026-01-05") from None


def _run_invoices_list(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.invoices import listed

    return listed(settings)


def _run_invoices_export(_options: argparse.Namespace, settings: Settings) -> int:
    from commands.invoices import export

    return export(settings)


def _run_invoices_done(options: argparse.Namespace, settings: Settings) -> int:
    from commands.invoices import done

    return done(settings, options.order_no, options.note)


def _port(text: str) -> int:
    return _between(text, 1, 65535, "a port")


def _version(text: str) -> int:
    return _between(text, 1, 10**9, "a version")


def _processes(text: str) -> int:
    return _between(text, 1, 64, "a number of processes")


def _between(text: str, low: int, high: int, what: str) -> int:
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{what} is a number from {low} to {high}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
