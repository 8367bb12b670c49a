"""WeChat's console asks for a file to see whose domain it is."""

from __future__ import annotations

import pytest
import requests

from tests.flows.town import Town

NAME = "MP_verify_aB3dE5fG7hJ9kL1m.txt"


def test_the_file_that_the_operator_put_beside_the_data_is_served(town: Town) -> None:
    (town.settings.site.data_dir / NAME).write_text("aB3dE5fG7hJ9kL1m")
    answer = requests.get(f"{town.url}/{NAME}", timeout=10)
    assert (answer.status_code, answer.text) == (200, "aB3dE5fG7hJ9kL1m")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_what_is_too_long_for_one_of_wechats_is_not(town: Town) -> None:
    (town.settings.site.data_dir / "MP_verify_long.txt").write_text("x" * 300)
    assert requests.get(f"{town.url}/MP_verify_long.txt", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "path", ["/MP_verify_none.txt", "/MP_verify_..%2fkeban.db", "/MP_verify_%2e%2e/secret"]
)
def test_nothing_else_of_the_data_is(town: Town, path: str) -> None:
    assert requests.get(f"{town.url}{path}", timeout=10).status_code == 404
