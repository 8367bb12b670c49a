"""Folders that did not change are not read again, and none that did is missed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from content import folder as folder_room
from content.publish import Publisher

WriteCourse = Callable[..., Path]
HOUR_AGO_NS = (int(time.time()) - 3600) * 10**9


class Opened(list[Path]):
    """The files that were read since the last `clear`."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    seen, real = Opened(), Path.open

    def open_and_tell(path: Path, *args: object, **given: object) -> object:
        seen.append(path)
        return real(path, *args, **given)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_and_tell)
    return seen


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the scanner believe that it is later than it is."""

    def pass_by(seconds: float) -> None:
        at = time.time() + seconds
        monkeypatch.setattr(time, "time", lambda: at)

    return pass_by


def names(paths: Collection[Path]) -> set[str]:
    return {path.parent.name for path in paths}


def test_a_full_look_reads_nothing_that_did_not_move(
    root: Path, write_course: WriteCourse, publisher: Publisher, opened: Opened, now: Callable[[float], None]
) -> None:
    write_course("first-one")
    write_course("second-one")
    now(60)
    publisher.publish(root)
    opened.clear()
    write_course("second-one", files={"01-first.md": "---\ntitle: 新\nfree: true\n---\n新"})
    assert publisher.publish(root).published == ("second-one",)
    assert names(opened) == {"second-one"}


def test_what_was_written_just_now_is_not_trusted_to_look_the_same(
    root: Path, write_course: WriteCourse, publisher: Publisher, opened: Opened
) -> None:
    write_course()
    publisher.publish(root)
    opened.clear()
    publisher.publish(root)
    assert names(opened) == {"py-crawler"}


def test_the_same_size_and_time_do_not_hide_a_change(
    root: Path, write_course: WriteCourse, publisher: Publisher, now: Callable[[float], None]
) -> None:
    file = write_course() / "01-first.md"
    os.utime(file, ns=(HOUR_AGO_NS, HOUR_AGO_NS))
    now(60)
    publisher.publish(root)
    file.write_text(file.read_text(encoding="utf-8").replace("免费正文", "换了正文"), encoding="utf-8")
    os.utime(file, ns=(HOUR_AGO_NS, HOUR_AGO_NS))
    assert publisher.publish(root).published == ("py-crawler",)


def test_with_touched_folders_only_those_are_looked_at(
    root: Path, write_course: WriteCourse, publisher: Publisher
) -> None:
    first, second = write_course("first-one"), write_course("second-one")
    publisher.publish(root)
    for slug in ("first-one", "second-one"):
        write_course(slug, files={"01-first.md": "---\ntitle: 新\nfree: true\n---\n新"})
    assert publisher.publish(root, {second}).published == ("second-one",)
    assert publisher.publish(root, {first}).published == ("first-one",)


def test_a_new_and_a_removed_folder_are_seen_whatever_was_touched(
    root: Path, write_course: WriteCourse, publisher: Publisher
) -> None:
    first = write_course("first-one")
    write_course("second-one")
    publisher.publish(root)
    write_course("third-one")
    first.rename(root.parent / "away")
    report = publisher.publish(root, set())
    assert (report.published, report.withdrawn) == (("third-one",), ("first-one",))


def test_a_refused_folder_stays_refused_without_being_read_again(
    root: Path, write_course: WriteCourse, publisher: Publisher, opened: Opened, now: Callable[[float], None]
) -> None:
    write_course("good-one")
    write_course("bad-one", files={"01-first.md": "坏了"})
    now(60)
    before = publisher.publish(root).problems
    opened.clear()
    assert publisher.publish(root).problems == before != ()
    assert opened == []


def test_after_forgetting_everything_is_read(
    root: Path, write_course: WriteCourse, publisher: Publisher, opened: Opened, now: Callable[[float], None]
) -> None:
    write_course()
    now(60)
    publisher.publish(root)
    opened.clear()
    publisher.forget()
    assert not publisher.publish(root).changed
    assert names(opened) == {"py-crawler"}


def test_another_way_of_rendering_publishes_all_anew(
    root: Path, write_course: WriteCourse, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_course()
    publisher.publish(root)
    publisher.forget()
    monkeypatch.setattr(folder_room, "RENDERING", b"the next way of rendering")
    assert publisher.publish(root).published == ("py-crawler",)
