"""A canary sings in each paid part of the sample courses: whoever has no grant never hears it.

The addresses come from the service's own list of routes, so that a new one is walked without being named
here; one of a new shape fails the test until it is said what may stand in it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from sqlalchemy import update

from content.course import Course
from handlers.web.routes import routes
from payments.tables import grants
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town
from tests.waiting import until

SAMPLES = Path(__file__).resolve().parents[2] / "content" / "courses"
SOLD, OTHER = "python-crawler", "pandas-analysis"
KEPT = (SOLD, OTHER, "mysql-index", "docker-deploy", "fastapi-service")
CANARY = "Kanarienvogel"
SONG = re.compile(CANARY + r"([a-z0-9]+)x\d+")
GROUP = re.compile(r"\((?:\[[^\]]+\]|\.)\{[\d,]+\}\)")
SLUG, ORDER_NO, ANY_FILE = r"([a-z0-9-]{1,80})", r"([0-9A-Za-z]{6,32})", r"(.{1,4800})"
GIFT_CODE = r"([0-9A-Za-z-]{16,24})"
TICKET = r"([0-9A-Za-z_-]{10,64})"
VERIFY = r"(MP_verify_[0-9A-Za-z]{1,64}.txt)"
SAID = (
    *("推荐", "更多", "1", "2", "3", "买 1", "想学爬虫", "数据分析", "我的课程", "继续", "我的订单", "退款"),
    *("帮助", "能开发票吗", "我付了没开通", CANARY, f"{CANARY} 在唱歌", "免费的课", "最新", "有什么新课"),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("canaries")
    for slug in KEPT:
        shutil.copytree(SAMPLES / slug, folder / "courses" / slug)
        for number, lesson in enumerate(sorted((folder / "courses" / slug).rglob("[0-9]*.md"))):
            put_in(lesson, f"{CANARY}{slug.replace('-', '')}x{number}")
    with open_town(folder, platform_keys, folder / "courses") as opened:
        yield opened


def put_in(lesson: Path, canary: str) -> None:
    """At the end of what is paid; a free lesson gets none."""
    text = lesson.read_text(encoding="utf-8")
    if not re.search(r"^free: true$", text, re.MULTILINE):
        lesson.write_text(f"{text}\n\n{canary} 唱起歌来。\n", encoding="utf-8")


@pytest.fixture(scope="module")
def courses(town: Town) -> tuple[Course, ...]:
    shelf = town.rooms.shop.shelf
    found = shelf.catalogue().courses
    paid = [(course, lesson) for course in found for lesson in course.lessons if lesson.has_paid]
    assert len(found) == len(KEPT) and len(paid) >= 3 * len(KEPT)
    silent = [lesson.slug for course, lesson in paid if CANARY not in _paid(shelf, course, lesson)]
    assert silent == []
    return found


def _paid(shelf: Any, course: Course, lesson: Any) -> str:
    return str(shelf.paid_html(course.id, lesson.slug))


def addresses(courses: tuple[Course, ...], order_no: str) -> Iterator[str]:
    """Each route with everything that may stand in it."""
    for spec in routes(cast(Any, None), {}, ()):
        pattern = spec.regex.pattern.removesuffix("$")
        plain = pattern.replace("/?", "").replace("\\.", ".")
        for course in courses:
            for lesson in course.lessons:
                files = (f"{lesson.slug}.md", f"../{lesson.slug}.md", "%2e%2e/_index.md")
                yield from _filled(plain, [course.slug, lesson.slug], order_no, files)


def _filled(pattern: str, slugs: list[str], order_no: str, files: tuple[str, ...]) -> Iterator[str]:
    for file in files if ANY_FILE in pattern else files[:1]:
        path = pattern.replace(ORDER_NO, order_no).replace(ANY_FILE, file)
        path, left = path.replace(GIFT_CODE, "ABCD-EFGH-JKLM-NPQR"), list(slugs)
        path = path.replace(TICKET, "AbCdEfGhIjKlMnOp").replace(VERIFY, "MP_verify_AbCd.txt")
        while SLUG in path:
            path = path.replace(SLUG, left.pop(0), 1)
        assert not GROUP.search(path) and "(" not in path, f"say what may stand in {pattern}"
        yield path


def walk(reader: Follower, courses: tuple[Course, ...], order_no: str) -> Iterator[tuple[str, str]]:
    """Where, and what was answered: pages, figures, searches, and what posts give."""
    paths = list(dict.fromkeys(addresses(courses, order_no)))
    assert {"/", "/metrics", "/me", f"/pay/{order_no}", f"/courses/{courses[0].slug}"} <= set(paths)
    paths += [f"/courses?q={quote(word)}" for word in (CANARY, f"{CANARY}x1", "唱起歌来", "爬虫")]
    for path in paths:
        yield path, reader.get(path).text
        yield f"POST {path}", reader.post(path).text


def talk(reader: Follower, courses: tuple[Course, ...], order_no: str) -> Iterator[tuple[str, str]]:
    """Each question, and all that came of it, pushed messages too."""
    titles = [course.title for course in courses]
    for text in (*SAID, *titles, *(f"{title} 第二节讲什么" for title in titles), f"订单号 {order_no}"):
        yield text, reader.say(text)
    yield "what was pushed", " ".join(map(str, reader.inbox()))


def heard(reader: Follower, courses: tuple[Course, ...], order_no: str) -> dict[str, set[str]]:
    """Of which courses a canary was heard, and where."""
    told = [*walk(reader, courses, order_no), *talk(reader, courses, order_no)]
    assert len(told) > 100, "the walk did not get around"
    where: dict[str, set[str]] = {}
    for place, text in told:
        for course in SONG.findall(text):
            where.setdefault(course, set()).add(place)
    return where


def test_a_buyer_hears_it(town: Town, courses: tuple[Course, ...]) -> None:
    """Else the others would prove nothing."""
    buyer = town.new_follower().log_in()
    order_no = buyer.buy(title_of(courses, SOLD))
    told = heard(buyer, courses, order_no)
    assert set(told) == {SOLD.replace("-", "")}
    assert all(f"/courses/{SOLD}/" in place for place in told["pythoncrawler"])


def test_a_stranger_hears_nothing(town: Town, courses: tuple[Course, ...], capfd: Any) -> None:
    """Access 3: paid text leaks through an excerpt, a feed, a search result, a raw .md."""
    order_no = town.new_follower().buy(title_of(courses, SOLD))
    stranger = town.follower()
    stranger.web.headers["User-Agent"] = "a browser outside of WeChat"
    assert heard(stranger, courses, order_no) == {}
    assert_silent_log(capfd, order_no)


def test_another_follower_hears_what_they_bought(town: Town, courses: tuple[Course, ...], capfd: Any) -> None:
    """Access 4: another follower's order or lesson opens by its number."""
    order_no = town.new_follower().buy(title_of(courses, SOLD))
    other = town.new_follower().log_in()
    other.buy(title_of(courses, OTHER))
    assert set(heard(other, courses, order_no)) == {OTHER.replace("-", "")}
    assert_silent_log(capfd, order_no)


def test_whose_term_is_over_hears_nothing(town: Town, courses: tuple[Course, ...], capfd: Any) -> None:
    """Access 2: expired, still open; before the worker has ended it, too."""
    late = town.new_follower().log_in()
    order_no = late.buy(title_of(courses, SOLD))
    with town.rooms.db.transaction() as conn:
        yesterday = town.rooms.clock.now() - timedelta(days=1)
        conn.execute(update(grants).where(grants.c.openid == late.openid).values(expires_at=yesterday))
    town.rooms.shop.till.forget()
    assert heard(late, courses, order_no) == {}
    assert_silent_log(capfd, order_no)


def test_whose_money_goes_back_hears_nothing_from_the_request_on(
    town: Town, courses: tuple[Course, ...], capfd: Any
) -> None:
    """WeChat Pay cannot be asked just now, so the money waits; the course is closed all the same."""
    gone = town.new_follower().log_in()
    order_no = gone.buy(title_of(courses, SOLD))
    town.faults(refund_error=50)
    town.rooms.shop.till.refund(order_no, None, "不想学了", asked_by=gone.openid)
    assert heard(gone, courses, order_no) == {}
    assert_silent_log(capfd, order_no)


def test_whose_money_went_back_hears_nothing(town: Town, courses: tuple[Course, ...], capfd: Any) -> None:
    """Access 1: refunded, still open."""
    gone = town.new_follower().log_in()
    order_no = gone.buy(title_of(courses, SOLD))
    till = town.rooms.shop.till
    till.refund(order_no, None, "不想学了")
    until(lambda: till.show(order_no).order.status == "refunded", "the refund", timeout_s=20)
    till.forget()
    assert heard(gone, courses, order_no) == {}
    assert_silent_log(capfd, order_no)


def title_of(courses: tuple[Course, ...], slug: str) -> str:
    return next(course.title for course in courses if course.slug == slug)


def assert_silent_log(capfd: Any, order_no: str) -> None:
    logged = "".join(capfd.readouterr())
    assert order_no in logged, "nobody listened to the log"
    assert not SONG.search(logged)
