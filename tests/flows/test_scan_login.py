"""Logging in on a computer by a code that WeChat scans, and who must not get in that way."""

from __future__ import annotations

import re
from base64 import b64decode
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.flows.courses import CRAWLER
from tests.flows.follower import Follower
from tests.flows.town import Town

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"


class Computer:
    """A browser that WeChat knows nothing of."""

    def __init__(self, town: Town, agent: str = WINDOWS) -> None:
        self.url = town.url
        self.web = requests.Session()
        self.web.trust_env = False
        self.web.headers["User-Agent"] = agent

    def get(self, path: str, **options: object) -> requests.Response:
        return self.web.get(f"{self.url}{path}", timeout=30, **options)  # type: ignore[arg-type]

    def open_code(self, path: str = "/me") -> str:
        """Opens a page that needs a login; the path that the code on the screen leads to."""
        page = self.get(path)
        assert urlsplit(page.url).path == "/login/qr", page.url
        picture = re.search(r'data:image/svg\+xml;base64,([^"]+)', page.text)
        assert picture
        said = re.search(r"<desc>(.*?)</desc>", b64decode(picture[1]).decode())
        assert said and unescape(said[1]).startswith(f"{self.url}/login/scan/")
        return unescape(said[1]).removeprefix(self.url)

    @property
    def state(self) -> tuple[str, str]:
        told = self.get("/login/qr/status").json()
        return told["state"], told["digits"]

    def go_in(self) -> requests.Response:
        headers = {"Origin": self.url}
        return self.web.post(f"{self.url}/login/qr", headers=headers, allow_redirects=False, timeout=30)

    @property
    def is_in(self) -> bool:
        return self.get("/me", allow_redirects=False).status_code == 200


@pytest.fixture
def computer(town: Town) -> Computer:
    return Computer(town)


def test_scanned_compared_confirmed_and_in_where_it_was_heading(anna: Follower, computer: Computer) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    code = computer.open_code(f"/pay/{order_no}")
    assert computer.state == ("new", "")
    question = anna.get(code)
    state, digits = computer.state
    assert state == "scanned" and f'<p class="digits">{digits}</p>' in question.text
    assert "Windows · Chrome" in question.text and "别人发给你" in question.text
    assert "已经登录" in anna.post(code, data={"answer": "yes"}).text
    assert computer.state[0] == "confirmed" and not computer.is_in
    answer = computer.go_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pay/{order_no}")
    assert computer.is_in
    assert "Set-Cookie" in answer.headers and "HttpOnly" in answer.headers["Set-Cookie"]
    assert computer.get(f"/pay/{order_no}").status_code == 200


def test_the_login_in_wechat_comes_first_when_it_has_to(bert: Follower, computer: Computer) -> None:
    question = bert.get(computer.open_code())
    assert urlsplit(question.url).path.startswith("/login/scan/") and "在另一块屏幕上登录" in question.text


def test_no_on_the_phone_is_no_on_the_screen(anna: Follower, computer: Computer) -> None:
    code = computer.open_code()
    anna.get(code)
    assert "没有登录" in anna.post(code, data={"answer": "no"}).text
    assert computer.state[0] == "refused"
    assert computer.go_in().headers["Location"] == "/login/qr" and not computer.is_in


def test_a_ticket_works_once(anna: Follower, computer: Computer) -> None:
    code = computer.open_code()
    anna.get(code)
    anna.post(code, data={"answer": "yes"})
    kept = computer.web.cookies.copy()
    computer.go_in()
    computer.web.cookies = kept  # as who has copied the browser's cookies before
    assert computer.go_in().headers["Location"] == "/login/qr" and not computer.is_in
    assert anna.get(code).status_code == 404


def test_who_has_photographed_the_code_is_not_let_in(anna: Follower, computer: Computer, town: Town) -> None:
    code, thief = computer.open_code(), Computer(town)
    thief.open_code()
    anna.get(code)
    anna.post(code, data={"answer": "yes"})
    assert thief.state[0] == "new" and thief.go_in().headers["Location"] == "/login/qr" and not thief.is_in
    assert computer.go_in().headers["Location"] == "/me" and computer.is_in


def test_a_code_that_is_sent_on_shows_digits_that_stand_nowhere_before_the_victim(
    anna: Follower, bert: Follower, computer: Computer
) -> None:
    """The screen is the thief's. Who gets the link sees which screen asks, and is warned; a look alone logs
    nobody in, and nobody but who looked first can answer.
    """
    code = computer.open_code()
    assert "别人发给你" in anna.get(code).text
    assert bert.log_in().get(code).status_code == 404
    assert bert.post(code, data={"answer": "yes"}).status_code == 404
    assert computer.state[0] == "scanned" and not computer.is_in


def test_another_site_cannot_answer_for_a_follower(anna: Follower, computer: Computer) -> None:
    code = computer.open_code()
    anna.get(code)
    answer = anna.post(code, data={"answer": "yes"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and computer.state[0] == "scanned"


def test_a_login_by_code_never_leads_to_another_site(computer: Computer, anna: Follower) -> None:
    code = computer.open_code("/login/qr?to=//evil.example/")
    anna.get(code)
    anna.post(code, data={"answer": "yes"})
    assert computer.go_in().headers["Location"] == "/courses"


def test_without_a_ticket_there_is_nothing_to_see(computer: Computer) -> None:
    assert computer.state == ("gone", "")
    assert computer.go_in().headers["Location"] == "/login/qr"
    page = computer.get("/login/scan/somebody-elses-ticket-000000")
    assert page.status_code == 200 and "扫一扫" in page.text


def test_in_wechat_the_login_stays_silent(anna: Follower) -> None:
    assert urlsplit(anna.get("/login/qr?to=/me").url).path == "/me"


def test_the_address_after_the_login_is_kept_whole(computer: Computer) -> None:
    page = computer.get("/pay/abcdef1234?way=native")
    assert parse_qs(urlsplit(page.url).query)["to"] == ["/pay/abcdef1234?way=native"]
