"""What a lesson weighs on the way to a phone: page, style and scripts, compressed as they travel."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.flows.town import Town, open_town

MOST_BYTES = 60 * 1024
SAMPLE_COURSES = Path(__file__).resolve().parents[2] / "content" / "courses"
PARTS = re.compile(r'<(?:script[^>]* src|link rel="stylesheet" href)="(/[^"]+)"')


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town"), platform_keys, SAMPLE_COURSES) as opened:
        yield opened


def test_each_free_lesson_of_the_samples_weighs_little(town: Town) -> None:
    @cache
    def weight(path: str) -> int:
        answer = requests.get(town.url + path, timeout=10)
        assert answer.status_code == 200, path
        return len(gzip.compress(answer.content, 6))

    heavy, seen = {}, 0
    for course in town.rooms.shop.shelf.catalogue().courses:
        for lesson in course.free_lessons:
            path = f"/courses/{course.slug}/{lesson.slug}"
            parts = PARTS.findall(requests.get(town.url + path, timeout=10).text)
            assert len(parts) >= 6, "style and scripts are counted"
            total, seen = weight(path) + sum(weight(part) for part in parts), seen + 1
            heavy[path] = total
    assert seen >= 30
    worst = max(heavy, key=lambda path: heavy[path])
    assert heavy[worst] <= MOST_BYTES, f"{worst}: {heavy[worst]} bytes"


def test_pictures_come_when_they_are_scrolled_to(town: Town) -> None:
    """Whatever a lesson shows besides its words is fetched when it is about to be seen."""
    for course in town.rooms.shop.shelf.catalogue().courses:
        for lesson in course.free_lessons:
            page = requests.get(f"{town.url}/courses/{course.slug}/{lesson.slug}", timeout=10).text
            article = page[page.index("<article") : page.index("</article>")]
            assert all('loading="lazy"' in image for image in re.findall(r"<img[^>]*>", article))
            assert all('preload="none"' in one for one in re.findall(r"<(?:audio|video)[^>]*>", article))
