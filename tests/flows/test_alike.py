"""相近的课 on a course's page."""

from __future__ import annotations

import re

from tests.flows.courses import GIT
from tests.flows.follower import Follower

HEADING = "相近的课"


def alike(follower: Follower, slug: str) -> list[str]:
    """The cells of the courses that a page shows as alike."""
    page = follower.get(f"/courses/{slug}").text
    _, found, rest = page.partition(HEADING)
    return re.findall(r'<a class="cell course-cell".*?</a>', rest, re.DOTALL) if found else []


def test_a_course_page_leads_to_three_like_it_and_not_to_itself(anna: Follower) -> None:
    cells = alike(anna, "crawler-one")
    assert len(cells) == 3
    assert all("爬虫" in cell and 'href="/courses/crawler-one"' not in cell for cell in cells)


def test_one_that_the_follower_owns_is_marked(anna: Follower) -> None:
    assert not any("已拥有" in cell for cell in alike(anna, "crawler-one"))
    anna.buy("爬虫进阶课")
    anna.log_in()
    owned = [cell for cell in alike(anna, "crawler-one") if "已拥有" in cell]
    assert len(owned) == 1 and "爬虫进阶课" in owned[0]


def test_a_course_that_is_like_none_shows_no_empty_heading(anna: Follower) -> None:
    page = anna.get("/courses/git-free").text
    assert GIT in page and HEADING not in page
