"""Bundles, memberships and gifts: what followers say and see, from the list to the open course."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handlers.gifts import MOST_TRIES
from tests.flows.courses import CANARY, CRAWLER, GIT, MYSQL, PANDAS, write_course, write_courses, write_offer
from tests.flows.follower import Follower
from tests.flows.town import Town, open_town

BUNDLE, MEMBER, TAGGED = "数据入门套餐", "全站会员", "爬虫会员"
MONTH = "三十天训练营"
OFFERS = (
    ("data-bundle", BUNDLE, "从抓数据到分析一次配齐", "149.00", "[crawler-one, pandas-one]", "forever"),
    ("all-member", MEMBER, "一年里随便学", "399.00", "all", "365d"),
    ("crawler-member", TAGGED, "爬虫课一年随便学", "199.00", "tag:爬虫", "365d"),
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("goods")
    root = write_courses(folder / "courses")
    for offer in OFFERS:
        write_offer(root, *offer)
    write_course(root, "month", title=MONTH, summary="一个月练完", tags="爬虫", price="19.00", access="30d")
    with open_town(folder, platform_keys, root) as opened:
        yield opened


def reads(follower: Follower, slug: str) -> bool:
    return CANARY in follower.get(f"/courses/{slug}/end").text


# Bundles


def test_a_bundle_is_shown_bought_and_opens_its_courses(anna: Follower) -> None:
    anna.log_in()
    card = anna.say("套餐")
    assert BUNDLE in card and "2 门课打包" in card and CRAWLER in card and PANDAS in card and "¥149" in card
    order_no = anna.order("买 套餐")
    anna.pay(order_no)
    assert BUNDLE in anna.await_push(order_no)
    assert reads(anna, "crawler-one") and reads(anna, "pandas-one") and not reads(anna, "mysql-one")
    assert CRAWLER in anna.say("我的课程")
    assert "已经有了" in anna.say(f"购买 {BUNDLE}")


def test_a_bundle_that_is_owned_in_part_is_sold_and_says_which_part(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    page = anna.get("/courses/data-bundle").text
    assert f"其中《{CRAWLER}》你已经有了" in page and "购买</button>" in page
    reply = anna.say(f"购买 {BUNDLE}")
    assert "/pay/" in reply and f"其中《{CRAWLER}》你已经有了" in reply
    order_no = anna.order_of(BUNDLE)
    pay_page = anna.get(f"/pay/{order_no}").text
    assert f"其中《{CRAWLER}》你已经有了" in pay_page and "缺的单买一共 ¥99，更划算" in pay_page
    anna.pay(order_no)
    anna.await_push(order_no)
    assert reads(anna, "pandas-one")


def test_paying_for_a_course_and_for_a_bundle_that_adds_nothing_gives_the_second_back(
    town: Town, anna: Follower
) -> None:
    """Both were ordered before either was paid; the second has nothing to open."""
    anna.log_in()
    first, second = anna.order_of(CRAWLER), anna.order_of(BUNDLE)
    assert anna.pay(second)["status"] == "success"
    anna.await_push(second)
    page = anna.get(f"/pay/{first}").text
    assert "确认支付" in page
    assert anna.post(f"/pay/{first}/prepay").json()["code"] == "AlreadyOwned"


def test_a_refund_of_the_bundle_leaves_what_was_bought_by_itself(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    anna.buy(BUNDLE)
    listed = anna.say(f"退款 {BUNDLE}")
    assert BUNDLE in listed
    anna.say("退款 1")
    anna.await_push("已经原路退回")
    assert reads(anna, "crawler-one") and not reads(anna, "pandas-one")


# Memberships


def test_memberships_are_listed_and_bought_by_number(anna: Follower) -> None:
    anna.log_in()
    listed = anna.say("会员")
    assert listed.index(TAGGED) < listed.index(MEMBER) and "上新的也算" in listed
    assert "有这 2 种" in listed and BUNDLE not in listed
    card = anna.say("1")
    assert TAGGED in card and "开通后 365 天内能看" in card
    order_no = anna.order("买 1")
    anna.pay(order_no)
    anna.await_push(order_no)
    assert reads(anna, "crawler-four") and not reads(anna, "pandas-one")


def test_a_member_reads_everything_and_sees_until_when(anna: Follower) -> None:
    anna.log_in().buy(MEMBER)
    assert reads(anna, "mysql-one") and reads(anna, "linux-one")
    assert "全部课程会员，能看到" in anna.get("/me").text
    page = anna.get("/courses/all-member").text
    assert "已开通" in page and "购买</button>" not in page
    assert "/pay/" not in anna.say(f"购买 {MEMBER}"), "nothing new on the same day"


def test_a_member_may_have_a_course_for_ever(anna: Follower) -> None:
    anna.log_in().buy(TAGGED)
    anna.buy(CRAWLER)
    assert reads(anna, "crawler-one")


def test_a_member_is_not_sold_less_time_than_they_have(anna: Follower) -> None:
    """The course is open by its tag for a year: thirty days of it would be money for nothing."""
    anna.log_in().buy(TAGGED)
    assert "已经有了" in anna.say(f"购买 {MONTH}")
    page = anna.get("/courses/month").text
    assert "购买</button>" not in page and "买来送朋友" in page


def test_courses_name_the_offers_that_contain_them(anna: Follower) -> None:
    page = anna.get("/courses/crawler-one").text
    assert "也包含在" in page and all(f">{title}</a>" in page for title in (BUNDLE, MEMBER, TAGGED))
    anna.say("推荐")
    card = anna.say("爬虫小课") and anna.say("1")
    assert "也包含在" in card
    mysql = anna.get("/courses/mysql-one").text
    assert MEMBER in mysql and BUNDLE not in mysql


def test_the_shelf_has_a_row_of_offers_and_a_search_has_none(anna: Follower) -> None:
    shelf = anna.get("/courses").text
    assert all(f'href="/courses/{slug}"' in shelf for slug, *_ in OFFERS)
    assert 'class="offers"' in shelf
    for path in ("/courses?q=爬虫", "/courses?tag=爬虫"):
        assert 'class="offers"' not in anna.get(path).text


def test_a_number_after_the_card_of_an_offer_means_that_offer(anna: Follower) -> None:
    assert BUNDLE not in anna.say("想学爬虫")
    assert BUNDLE in anna.say("套餐")
    assert BUNDLE in anna.say("买 1")


def test_nobody_searching_for_a_topic_is_given_an_offer(anna: Follower) -> None:
    reply = anna.say("想学爬虫")
    assert TAGGED not in reply and MEMBER not in reply


@pytest.mark.parametrize("words", ["有会员吗", "会员多少钱", "怎么买会员？", "开通会员", "VIP", "买会员"])
def test_ways_to_ask_for_memberships(anna: Follower, words: str) -> None:
    reply = anna.say(words)
    assert MEMBER in reply and TAGGED in reply


@pytest.mark.parametrize("slug", ["data-bundle", "all-member"])
def test_a_strangers_page_of_an_offer_shows_no_paid_text(town: Town, slug: str) -> None:
    stranger = town.follower()
    page = stranger.get(f"/courses/{slug}")
    assert page.status_code == 200 and CANARY not in page.text and "购买</button>" in page.text
    assert stranger.get(f"/courses/{slug}/start").status_code == 404


# Gifts


def test_a_gift_is_bought_forwarded_and_redeemed_once(anna: Follower, bert: Follower, town: Town) -> None:
    anna.log_in()
    order_no, code = anna.buy_gift(CRAWLER)
    assert not reads(anna, "crawler-one")  # it is for somebody else
    assert code in anna.get(f"/pay/{order_no}").text
    assert "兑换码待领取" in anna.say("我的订单")

    reply = bert.log_in().say(f"兑换 {code.lower()}")
    assert "兑换成功" in reply and CRAWLER in reply
    assert reads(bert, "crawler-one")
    bert.await_push("礼物收好了")
    anna.await_push("朋友已经领走了")
    assert "兑换成功" in bert.say(code), "who taps twice is told the same"

    carl = town.new_follower().log_in()
    assert "已经被领走" in carl.say(f"兑换 {code}")
    assert not reads(carl, "crawler-one")
    assert "礼物已被领走" in anna.say("我的订单")
    assert "领走" in anna.get(f"/pay/{order_no}").text


def test_a_forwarded_message_is_understood_as_it_is(anna: Follower, bert: Follower) -> None:
    order_no, _ = anna.log_in().buy_gift(MYSQL)
    text = anna.await_push(order_no)
    assert "兑换成功" in bert.say(text[text.index("送你一份礼物") :])
    assert reads(bert.log_in(), "mysql-one")


def test_the_page_of_a_gift_redeems_by_a_tap_and_never_by_opening_it(anna: Follower, bert: Follower) -> None:
    _, code = anna.log_in().buy_gift(CRAWLER)
    path = f"/gift/{code.replace('-', '')}"
    page = bert.get(path)  # the login is silent, and comes first
    assert "领取</button>" in page.text and not reads(bert, "crawler-one")
    done = bert.post(path)
    assert "礼物收好了" in done.text and reads(bert, "crawler-one")
    assert "已经被领走" in anna.get(path).text


def test_another_site_cannot_redeem_for_a_follower(anna: Follower, bert: Follower) -> None:
    _, code = anna.log_in().buy_gift(CRAWLER)
    answer = bert.log_in().post(f"/gift/{code}", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403 and not reads(bert, "crawler-one")


def test_a_stranger_who_posts_logs_in_first(anna: Follower, bert: Follower) -> None:
    _, code = anna.log_in().buy_gift(CRAWLER)
    assert "领取</button>" in bert.post(f"/gift/{code}").text
    assert not reads(bert, "crawler-one")


def test_who_owns_it_keeps_the_code_for_another(anna: Follower, bert: Follower, town: Town) -> None:
    _, code = anna.log_in().buy_gift(CRAWLER)
    bert.log_in().buy(CRAWLER)
    assert "还没有用掉" in bert.say(f"兑换 {code}")
    assert "还没有用掉" in bert.post(f"/gift/{code}").text
    carl = town.new_follower().log_in()
    assert "兑换成功" in carl.say(code) and reads(carl, "crawler-one")


def test_a_gift_that_is_not_redeemed_goes_back_and_its_code_is_void(anna: Follower, bert: Follower) -> None:
    order_no, code = anna.log_in().buy_gift(CRAWLER)
    anna.say("退款")
    assert order_no in anna.say("退款 1")
    anna.await_push("已经原路退回")
    assert "不能用了" in bert.log_in().say(f"兑换 {code}")
    assert "不能用了" in bert.get(f"/gift/{code}").text
    assert "已退款" in anna.get(f"/pay/{order_no}").text


def test_a_redeemed_gift_is_refunded_by_the_operator_only_and_ends_the_friends_access(
    town: Town, anna: Follower, bert: Follower
) -> None:
    order_no, code = anna.log_in().buy_gift(CRAWLER)
    bert.log_in().say(f"兑换 {code}")
    assert "已经被朋友领走，不能自助退款" in anna.say("退款")
    town.rooms.shop.till.refund(order_no, None, "operator")
    anna.await_push("已经原路退回")
    assert not reads(bert, "crawler-one")
    told = bert.await_push("那笔订单刚刚退款了")
    assert CRAWLER in told and order_no not in told, "the order is the buyer's matter"


def test_who_reads_on_by_other_means_hears_nothing_of_a_gift_that_went_back(
    town: Town, anna: Follower, bert: Follower
) -> None:
    order_no, code = anna.log_in().buy_gift(CRAWLER)
    bert.log_in().say(f"兑换 {code}")
    bert.buy(MEMBER)
    town.rooms.shop.till.refund(order_no, None, "operator")
    anna.await_push("已经原路退回")
    town.rooms.shop.nudge()
    bert.say("我的课程")
    assert reads(bert, "crawler-one") and not bert.pushed("那笔订单刚刚退款了")


def test_a_gift_among_the_orders_is_told_from_an_order_of_ones_own(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    order_no, _ = anna.buy_gift(CRAWLER)
    gift, own = anna.say("我的订单").split("最近的订单：")[1].strip().split("\n\n")[:2]
    assert f"{CRAWLER}（送人的礼物）" in gift and order_no in gift
    assert CRAWLER in own and "送人的礼物" not in own
    assert "（送人的礼物）" in anna.say(order_no)


def test_a_bundle_and_a_membership_can_be_given(anna: Follower, bert: Follower) -> None:
    anna.log_in()
    _, code = anna.buy_gift(BUNDLE)
    bert.log_in().say(code)
    assert reads(bert, "pandas-one")
    anna.say("会员")
    order_no = anna.order("送 2")
    assert MEMBER in anna.get(f"/pay/{order_no}").text and "礼物" in anna.get(f"/pay/{order_no}").text


def test_the_gift_button_of_a_course_leads_to_a_gift(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    page = anna.post("/courses/crawler-one/buy", data={"gift": "1"})
    assert "付完马上给你兑换码" in page.text, "who owns it can give it all the same"


def test_a_gift_of_what_a_membership_opens_anyway_stays_for_another(anna: Follower, bert: Follower) -> None:
    _, code = anna.log_in().buy_gift(MONTH)
    bert.log_in().buy(TAGGED)
    assert "码还没有用掉" in bert.say(f"兑换 {code}")


def test_what_is_free_is_not_sold_as_a_gift(anna: Follower) -> None:
    assert "/pay/" not in anna.say(f"送 {GIT}")


@pytest.mark.parametrize("words", ["兑换", "兑换码"])
def test_how_to_redeem_is_told(anna: Follower, words: str) -> None:
    assert "发给我就行" in anna.say(words)


@pytest.mark.parametrize("words", ["能送人吗", "可以送给朋友吗"])
def test_how_to_give_is_told(anna: Follower, words: str) -> None:
    assert "送 1" in anna.say(words)


def test_an_unknown_code_is_none_and_guessing_ends(anna: Follower) -> None:
    anna.log_in()
    assert "没有找到这个兑换码" in anna.say("兑换 ABCD-EFGH-IJKL-MNP2")
    assert anna.get("/gift/ABCDEFGHIJKLMNP3").status_code == 404
    replies = [anna.say(f"兑换 ABCDEFGHIJKLMN{a}{b}") for a in "234567" for b in "2345"]
    assert "试的次数太多了" in replies[-1]
    assert len([reply for reply in replies if "没有找到" in reply]) == MOST_TRIES - 2
    refused = anna.get("/gift/ABCDEFGHIJKLMNP3")
    assert refused.status_code == 429 and "看看全部课程" in refused.text
    assert int(refused.headers["Retry-After"]) > 0
