"""From the wish for a refund until WeChat's word: what goes back is closed, everywhere, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from payments.finish_refund import take_refund
from payments.gateway import RefundFact
from tests.flows.courses import CANARY, CRAWLER, MYSQL, PANDAS, write_courses, write_offer
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

BUNDLE, MEMBER = "数据入门套餐", "全站会员"
MARK = "退款处理中"
NOT_IN_TIME_S = 3600  # what the bank takes its time for


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("going-back")
    root = write_courses(folder / "courses")
    write_offer(root, "both", BUNDLE, "一次配齐", "149.00", "[crawler-one, mysql-one]", "forever")
    write_offer(root, "all-member", MEMBER, "一年里随便学", "399.00", "all", "365d")
    with open_town(folder, platform_keys, root, refund_delay_s=NOT_IN_TIME_S) as opened:
        yield opened


@pytest.fixture
def reader(anna: Follower) -> Follower:
    return anna.log_in()


def reads(follower: Follower, slug: str = "crawler-one") -> bool:
    """The lesson and the picture in it; the two never differ."""
    said = {
        CANARY in follower.get(f"/courses/{slug}/end").text,
        follower.get(f"/courses/{slug}/assets/pictures/paid.png").status_code == 200,
    }
    assert len(said) == 1
    return said.pop()


def wants_it_back(follower: Follower, title: str = CRAWLER) -> str:
    follower.say(f"退款 {title}")
    return follower.say("退款 1")


def word_of_the_bank(town: Town, order_no: str, state: str) -> None:
    (refund,) = town.rooms.shop.till.show(order_no).refunds
    total = refund.total_fen
    fact = RefundFact(refund.out_refund_no, refund.out_trade_no, state, refund.fen, total)
    take_refund(town.rooms.shop.till.desk, fact)
    town.rooms.shop.till.forget()
    town.rooms.shop.nudge()


def test_nothing_of_it_is_read_from_the_request_on(reader: Follower) -> None:
    reader.buy(CRAWLER)
    assert reads(reader)
    assert "先合上了" in wants_it_back(reader)
    assert not reads(reader)
    assert CANARY not in reader.get("/courses/crawler-one/work").text
    assert reader.get("/courses/crawler-one/start").status_code == 200, "what is free stays free"


def test_each_page_says_why_and_sells_it_to_nobody_twice(reader: Follower) -> None:
    reader.buy(CRAWLER)
    wants_it_back(reader)
    for path in ("/courses/crawler-one", "/courses/crawler-one/end"):
        page = reader.get(path).text
        assert MARK in page and "先合上了" in page
        assert "购买</button>" not in page and "接着读</button>" not in page and "继续学习" not in page
    assert f"《{CRAWLER}》正在退款" in reader.get("/me").text
    assert MARK in reader.get("/courses").text
    assert reader.post("/courses/crawler-one/buy").url.endswith("/courses/crawler-one")
    assert "/courses/crawler-one" in reader.get("/me/continue/crawler-one").url


def test_the_chat_says_so_too(reader: Follower) -> None:
    order_no = reader.buy(CRAWLER)
    wants_it_back(reader)
    assert f"《{CRAWLER}》正在退款" in reader.say("我的课程")
    assert f"《{CRAWLER}》正在退款" in reader.say("继续")
    assert "退款正在处理" in reader.say("我的订单")
    assert "先合上了" in reader.say(order_no)
    assert "/pay/" not in reader.say(f"购买 {CRAWLER}")
    assert CRAWLER not in reader.say("推荐").split("回复")[0]
    listed = reader.say(CRAWLER)
    assert MARK in listed


def test_a_refund_that_fails_opens_it_again_and_tells(town: Town, reader: Follower) -> None:
    order_no = reader.buy(CRAWLER)
    wants_it_back(reader)
    word_of_the_bank(town, order_no, "CLOSED")
    assert order_no in reader.await_push("已经重新打开了")
    assert reads(reader)
    assert CRAWLER in reader.say("我的课程") and "/courses/crawler-one/" in reader.say("继续")
    wants_it_back(reader)
    assert not reads(reader)


def test_while_an_operator_has_to_look_it_can_be_read(town: Town, reader: Follower) -> None:
    order_no = reader.buy(CRAWLER)
    wants_it_back(reader)
    word_of_the_bank(town, order_no, "ABNORMAL")
    assert reads(reader)
    assert "退款等人工处理" in reader.say("我的订单")
    word_of_the_bank(town, order_no, "SUCCESS")
    assert not reads(reader)
    assert "购买</button>" in reader.get("/courses/crawler-one").text


def test_what_a_bundle_opened_can_be_bought_by_itself_meanwhile(town: Town, reader: Follower) -> None:
    reader.buy(MYSQL)
    reader.buy(BUNDLE)
    wants_it_back(reader, BUNDLE)
    assert reads(reader, "mysql-one") and not reads(reader)
    assert MARK in reader.get("/courses/both").text
    assert "购买</button>" not in reader.get("/courses/both").text
    page = reader.get("/courses/crawler-one").text
    assert "可以单独买下来" in page and "购买</button>" in page
    reader.buy(CRAWLER)
    assert reads(reader)


def test_a_membership_closes_what_it_opened_and_not_what_was_bought(reader: Follower) -> None:
    reader.buy(CRAWLER)
    reader.buy(MEMBER)
    assert reads(reader, "mysql-one")
    wants_it_back(reader, MEMBER)
    assert reads(reader) and not reads(reader, "mysql-one")
    assert MARK in reader.get("/courses/all-member").text
    assert "全部课程会员" not in reader.get("/me").text
    assert reader.post("/courses/all-member/buy").url.endswith("/courses/all-member")


def test_a_gift_that_goes_back_is_closed_to_who_took_it(town: Town, anna: Follower, bert: Follower) -> None:
    order_no, code = anna.log_in().buy_gift(PANDAS)
    bert.log_in().say(f"兑换 {code}")
    assert reads(bert, "pandas-one")
    town.rooms.shop.till.refund(order_no, None, "送错了")
    assert not reads(bert, "pandas-one")
    assert "购买</button>" in bert.get("/courses/pandas-one").text, "it is not their money that goes back"
    word_of_the_bank(town, order_no, "CLOSED")
    bert.await_push("又打开了")
    assert reads(bert, "pandas-one")
