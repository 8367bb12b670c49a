"""A request that changes something is taken for ours only when nothing in it says otherwise."""

from __future__ import annotations

import pytest

from handlers.web.origin import started

SHOP = "https://shop.example"
OTHER = "https://other.example"


@pytest.mark.parametrize(
    ("headers", "start"),
    [
        ({}, "unknown"),
        ({"Origin": SHOP}, "here"),
        ({"Origin": "https://SHOP.example"}, "here"),
        ({"Origin": OTHER}, "elsewhere"),
        ({"Origin": "null"}, "elsewhere"),
        ({"Origin": ""}, "elsewhere"),
        ({"Origin": "https://[x"}, "elsewhere"),
        ({"Origin": f"{SHOP}:8443"}, "elsewhere"),
        ({"Origin": f"{SHOP}@other.example"}, "elsewhere"),
        ({"Sec-Fetch-Site": "same-origin"}, "here"),
        ({"Sec-Fetch-Site": "none"}, "here"),
        ({"Sec-Fetch-Site": "same-site"}, "elsewhere"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SHOP}, "elsewhere"),
        ({"Sec-Fetch-Site": "same-origin", "Origin": OTHER}, "elsewhere"),
        ({"X-Requested-With": "fetch"}, "here"),
        ({"X-Requested-With": "fetch", "Origin": OTHER}, "elsewhere"),
        ({"Referer": f"{SHOP}/courses"}, "here"),
        ({"Referer": f"{OTHER}/?{SHOP}"}, "elsewhere"),
    ],
)
def test_where_a_request_was_started(headers: dict[str, str], start: str) -> None:
    assert started(headers, SHOP) == start


@pytest.mark.parametrize("base_url", ["https://shop.example:443", "http://shop.example:80"])
def test_a_port_that_browsers_leave_out_is_the_same_place(base_url: str) -> None:
    assert started({"Origin": base_url.rpartition(":")[0]}, base_url) == "here"
    assert started({"Origin": base_url + "44"}, base_url) == "elsewhere"
