"""`content publish` shows first and asks; `history` and `rollback`."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from content.watch_home import WatchHome
from infra.clock import SystemClock
from infra.settings import load
from infra.stores import open_database
from tests.flows.courses import CANARY
from tests.unit.commands.conftest import Keban

SitDown = Callable[[str], None]


@pytest.fixture
def shop(keban: Keban, config: str, courses: Path) -> Path:
    """The folder of a course that is on the shelf for ¥99."""
    keban("--config", config, "db", "upgrade")
    assert keban("--config", config, "content", "publish").status == 0
    return courses / "crawler-one"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> SitDown:
    """Somebody sits there, and types this."""

    def sit_down(answer: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    return sit_down


def set_price(folder: Path, price: str, was: str = "99.00") -> None:
    index = folder / "_index.md"
    index.write_text(index.read_text().replace(f'"{was}"', f'"{price}"'))


def price(keban: Keban, config: str) -> str:
    return keban("--config", config, "content", "history", "crawler-one").out.split("\n")[1]


def test_without_a_terminal_it_shows_and_publishes(keban: Keban, config: str, shop: Path) -> None:
    set_price(shop, "89.00")
    outcome = keban("--config", config, "content", "publish")
    assert outcome.status == 0
    assert "价格 ¥99.00 → ¥89.00" in outcome.out and "发布 1 门" in outcome.out


@pytest.mark.parametrize(("answer", "status", "now"), [("y\n", 0, "¥89.00"), ("n\n", 1, "¥99.00")])
def test_somebody_at_a_terminal_is_asked(
    keban: Keban,
    config: str,
    shop: Path,
    at_a_terminal: SitDown,
    answer: str,
    status: int,
    now: str,
) -> None:
    set_price(shop, "89.00")
    at_a_terminal(answer)
    assert keban("--config", config, "content", "publish").status == status
    assert now in price(keban, config)


@pytest.mark.parametrize("nothing", ["\n", ""])
def test_no_answer_is_no(keban: Keban, config: str, shop: Path, at_a_terminal: SitDown, nothing: str) -> None:
    set_price(shop, "89.00")
    at_a_terminal(nothing)
    assert keban("--config", config, "content", "publish").status == 1


def test_nobody_is_asked_with_yes_or_when_nothing_would_change(
    keban: Keban, config: str, shop: Path, at_a_terminal: SitDown
) -> None:
    at_a_terminal("")
    assert keban("--config", config, "content", "publish").status == 0
    set_price(shop, "89.00")
    assert keban("--config", config, "content", "publish", "--yes").status == 0
    assert "¥89.00" in price(keban, config)


def test_a_dry_run_shows_and_changes_nothing(keban: Keban, config: str, shop: Path) -> None:
    set_price(shop, "89.00")
    outcome = keban("--config", config, "content", "publish", "--dry-run")
    assert outcome.status == 0
    assert "价格 ¥99.00 → ¥89.00" in outcome.out and "什么都没有改" in outcome.out
    assert "¥99.00" in price(keban, config)


def test_a_dry_run_with_a_broken_file_fails(keban: Keban, config: str, shop: Path) -> None:
    (shop / "_index.md").write_text("坏了")
    outcome = keban("--config", config, "content", "publish", "--dry-run")
    assert outcome.status == 1 and "拒绝 1 个文件" in outcome.out


def test_the_history_tells_each_version_and_what_it_changed(keban: Keban, config: str, shop: Path) -> None:
    set_price(shop, "89.00")
    keban("--config", config, "content", "publish")
    told = keban("--config", config, "content", "history", "crawler-one").out
    assert told.index("第 2 版") < told.index("价格 ¥99.00 → ¥89.00") < told.index("第 1 版")
    assert "第一次发布" in told
    everything = keban("--config", config, "content", "history").out
    assert "crawler-one" in everything and "git-free" in everything


def test_the_history_of_no_course_is_an_error(keban: Keban, config: str, shop: Path) -> None:
    outcome = keban("--config", config, "content", "history", "nothing-here")
    assert outcome.status == 1 and "nothing-here" in outcome.err


def test_a_rollback_stays_until_the_folder_changes(keban: Keban, config: str, shop: Path) -> None:
    set_price(shop, "89.00")
    keban("--config", config, "content", "publish")
    outcome = keban("--config", config, "content", "rollback", "crawler-one")
    assert outcome.status == 0
    assert "价格 ¥89.00 → ¥99.00" in outcome.out and "第 3 版就是第 1 版" not in outcome.err
    assert "没有变化 8 门" in keban("--config", config, "content", "publish").out
    assert "¥99.00" in price(keban, config)
    set_price(shop, "79.00", was="89.00")
    assert "发布 1 门" in keban("--config", config, "content", "publish").out


def test_a_rollback_is_asked_about_too(keban: Keban, config: str, shop: Path, at_a_terminal: SitDown) -> None:
    set_price(shop, "89.00")
    keban("--config", config, "content", "publish", "--yes")
    at_a_terminal("n\n")
    assert keban("--config", config, "content", "rollback", "crawler-one").status == 1
    assert keban("--config", config, "content", "rollback", "crawler-one", "1", "--yes").status == 0


@pytest.mark.parametrize("version", ["7", "1"])
def test_a_version_that_is_not_there_or_is_live_is_an_error(
    keban: Keban, config: str, shop: Path, version: str
) -> None:
    outcome = keban("--config", config, "content", "rollback", "crawler-one", version)
    assert outcome.status == 1 and version in outcome.err


def test_nothing_that_is_paid_for_is_told_in_what_may_stand_in_a_log(
    keban: Keban, config: str, shop: Path
) -> None:
    lesson = shop / "02-work.md"
    lesson.write_text(lesson.read_text().replace(CANARY, f"{CANARY}，改过了"))
    words = (["publish", "--dry-run"], ["publish"], ["history", "crawler-one"], ["history"])
    told = [keban("--config", config, "content", *each) for each in (*words, ["rollback", "crawler-one"])]
    assert any("正文改了" in one.out for one in told)
    assert not any(CANARY in one.out + one.err for one in told)


def test_what_another_machine_would_put_back_is_not_published_here(
    keban: Keban, config: str, shop: Path, tmp_path: Path
) -> None:
    set_price(shop, "89.00")
    db = open_database(load(Path(config)))
    (tmp_path / "there").mkdir()
    home = WatchHome(db, SystemClock(), tmp_path / "there" / "courses", tmp_path / "there" / "lock")
    with home.turn():
        for command in (("publish",), ("rollback", "crawler-one")):
            outcome = keban("--config", config, "content", *command)
            assert outcome.status == 1
            assert f"{tmp_path}/there/courses" in outcome.err and "在那台机器上发布" in outcome.err
        assert keban("--config", config, "content", "publish", "--dry-run").status == 0
    db.close()
    assert "¥99.00" in price(keban, config)
