"""The story that the README tells, line by line, over the real HTTP surface of both sides."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from handlers.buying import NotOnSale, buy
from payments.offer import Offer
from tests.flows.courses import CANARY, CRAWLER, FREE_WORDS, GIT, MYSQL, PANDAS
from tests.flows.follower import Follower
from tests.flows.town import Town

QUESTION = "想学爬虫，零基础"
NUMBERED = re.compile(r"^(\d)\. (.+)\n *(\S.*)\n *(\S.*)$", re.MULTILINE)
FIRST_LESSON, SECOND_LESSON = "/courses/crawler-one/start", "/courses/crawler-one/work"


def test_a_new_follower_is_welcomed_with_three_courses_and_what_to_say(town: Town) -> None:
    welcome = town.follower().follow()
    assert "你好" in welcome
    assert [number for number, *_ in NUMBERED.findall(welcome)] == ["1", "2", "3"]
    assert "比如" in welcome and "买 1" in welcome


def test_a_question_gets_three_numbered_courses_with_price_and_reason(anna: Follower) -> None:
    courses = NUMBERED.findall(anna.say(QUESTION))
    assert [number for number, *_ in courses] == ["1", "2", "3"]
    assert all("爬虫" in title for _, title, _, _ in courses)
    assert all(re.match(r"¥\d+", price) for _, _, price, _ in courses)
    assert all("爬虫" in reason for *_, reason in courses)


def test_the_list_says_how_to_go_on_and_every_way_can_be_tapped(anna: Follower) -> None:
    reply = anna.say(QUESTION)
    for words in ("1", "2", "3", "买 1", "更多"):
        said = words.replace(" ", "%20")
        assert f"msgmenucontent={said}&" in reply, words


def test_a_number_shows_what_the_course_is_its_lessons_a_free_one_and_how_to_buy(anna: Follower) -> None:
    anna.say(QUESTION)
    card = anna.say("1")
    assert f"《{CRAWLER}》" in card and "把网页抓下来存成表格" in card and "¥99" in card
    assert "· 第一课 先跑起来（免费）" in card and "· 第二课 动手做" in card
    assert f'<a href="{anna.service}{FIRST_LESSON}">' in card
    assert "买 1" in card


def test_the_second_course_is_chosen_in_words_too(anna: Follower) -> None:
    anna.say(QUESTION)
    assert anna.say("第2个") == anna.say("2")


def test_the_free_lesson_opens_without_login_readable_and_with_highlighted_code(town: Town) -> None:
    page = town.follower().get(FIRST_LESSON, allow_redirects=False)
    assert page.status_code == 200
    assert FREE_WORDS in page.text
    assert re.search(r'<span class="\w+">def</span>', page.text), "the code is not highlighted"
    assert 'name="viewport"' in page.text


def test_the_next_lesson_stops_at_the_paywall_after_its_free_part(anna: Follower) -> None:
    page = anna.get(SECOND_LESSON)
    assert page.status_code == 200
    assert FREE_WORDS in page.text
    assert "购买后继续读" in page.text
    assert CANARY not in page.text
    assert page.text.index(FREE_WORDS) < page.text.index("购买后继续读")


def test_buying_by_number_gives_the_order_with_its_price_and_a_link(anna: Follower) -> None:
    anna.say(QUESTION)
    reply = anna.say("买 1")
    assert f"《{CRAWLER}》" in reply and "¥99" in reply
    assert re.search(rf'<a href="{anna.service}/pay/[0-9A-Za-z]{{6,32}}">', reply)


def test_the_pay_page_shows_what_is_bought_and_for_how_much(anna: Follower) -> None:
    page = anna.get(f"/pay/{anna.order_of(CRAWLER)}")
    assert page.status_code == 200
    assert CRAWLER in page.text and "确认支付" in page.text and "99" in page.text


def test_prepay_gives_the_six_fields_that_wechat_asks_for(anna: Follower) -> None:
    order_no = anna.log_in().order_of(CRAWLER)
    fields = anna.post(f"/pay/{order_no}/prepay").json()
    assert set(fields) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    assert fields["package"].startswith("prepay_id=") and fields["signType"] == "RSA"


def test_after_paying_the_page_says_so_and_leads_into_the_course(anna: Follower) -> None:
    order_no = anna.order_of(CRAWLER)
    assert anna.pay(order_no)["status"] == "success"
    page = anna.get(f"/pay/{order_no}")
    assert "支付成功" in page.text
    assert f'href="{FIRST_LESSON}"' in page.text


def test_after_paying_the_receipt_comes_with_a_link_to_go_on_learning(anna: Follower) -> None:
    order_no = anna.order_of(CRAWLER)
    anna.pay(order_no)
    receipt = anna.await_push(order_no)
    assert f"《{CRAWLER}》" in receipt and "¥99" in receipt
    assert f'<a href="{anna.service}{FIRST_LESSON}">继续学习</a>' in receipt


def test_the_bought_lesson_is_open_for_its_buyer_and_not_for_another(anna: Follower, bert: Follower) -> None:
    anna.buy(CRAWLER)
    assert CANARY in anna.get(SECOND_LESSON).text
    assert CANARY not in bert.get(SECOND_LESSON).text


def test_my_courses_and_go_on_and_my_orders_know_what_was_bought(anna: Follower) -> None:
    anna.buy(CRAWLER)
    assert CRAWLER in anna.say("我的课程")
    assert FIRST_LESSON in anna.say("继续")
    orders = anna.say("我的订单")
    assert CRAWLER in orders and "已开通" in orders


def test_go_on_leads_to_the_lesson_after_the_one_that_was_read(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    anna.get(FIRST_LESSON)
    assert SECOND_LESSON in anna.say("继续")


def test_go_on_after_the_last_lesson_says_that_all_is_read(anna: Follower) -> None:
    anna.log_in().buy(CRAWLER)
    for lesson in (FIRST_LESSON, SECOND_LESSON, "/courses/crawler-one/end"):
        assert anna.get(lesson).status_code == 200
    assert "读完了" in anna.say("继续")


def test_who_owns_nothing_is_told_so_kindly(anna: Follower) -> None:
    assert "还没有课" in anna.say("我的课程")
    assert "还没有课" in anna.say("继续")
    assert "还没有订单" in anna.say("我的订单")


def test_help_names_what_can_be_said(anna: Follower) -> None:
    reply = anna.say("帮助")
    for words in ("买 1", "更多", "我的课程", "继续", "我的订单", "退款"):
        assert words in reply


def test_each_menu_key_answers_like_its_words(anna: Follower) -> None:
    assert anna.tap_menu("MY_COURSES") == anna.say("我的课程")
    assert anna.tap_menu("MY_ORDERS") == anna.say("我的订单")
    assert anna.tap_menu("HELP") == anna.say("帮助")
    assert len(NUMBERED.findall(anna.tap_menu("RECOMMEND"))) == 3


def test_a_key_of_an_old_menu_gets_the_help(anna: Follower) -> None:
    assert anna.tap_menu("OF_LAST_YEAR") == anna.say("帮助")


def test_something_off_topic_gets_an_honest_answer_and_no_course(anna: Follower) -> None:
    reply = anna.say("今天天气")
    assert reply and not NUMBERED.search(reply)
    assert "课" in reply


def test_after_something_off_topic_numbers_still_mean_the_last_list(anna: Follower) -> None:
    anna.say(QUESTION)
    anna.say("今天天气")
    assert f"《{CRAWLER}》" in anna.say("1")


def test_a_course_is_bought_by_its_name(anna: Follower) -> None:
    assert f"《{MYSQL}》" in anna.say(f"购买 {MYSQL}")


def test_a_name_that_fits_several_courses_is_asked_back_and_nothing_is_ordered(anna: Follower) -> None:
    reply = anna.say("购买 爬虫")
    assert "/pay/" not in reply
    assert len(NUMBERED.findall(reply)) == 3
    assert "还没有订单" in anna.say("我的订单")


def test_a_course_of_an_unknown_name_is_not_replaced_by_another(anna: Follower) -> None:
    assert "/pay/" not in anna.say("购买 书法入门")


def test_an_unknown_name_is_really_noted_as_the_reply_says(town: Town, anna: Follower) -> None:
    assert "记下来了" in anna.say("购买 紫砂壶鉴赏")
    events = town.rooms.shop.members.events.of(anna.openid)
    assert [event.data["text"] for event in events if event.kind == "unanswered"] == ["购买 紫砂壶鉴赏"]


def test_a_course_that_is_not_on_the_shelf_any_more_is_named_as_it_was_bought(
    town: Town, anna: Follower
) -> None:
    town.rooms.shop.till.order(anna.openid, Offer(item_id="long-gone", title="老课", price_fen=0))
    mine = anna.say("我的课程")
    assert "《老课》（已下架" in mine and "long-gone" not in mine


def test_more_shows_the_next_courses_with_numbers_from_one(anna: Follower) -> None:
    first = {title for _, title, *_ in NUMBERED.findall(anna.say(QUESTION))}
    following = NUMBERED.findall(anna.say("更多"))
    assert following and following[0][0] == "1"
    assert not first & {title for _, title, *_ in following}


def test_a_number_after_more_means_the_page_that_is_shown(anna: Follower) -> None:
    anna.say(QUESTION)
    title = NUMBERED.findall(anna.say("更多"))[0][1]
    assert f"《{title}》" in anna.say("1")


def test_more_at_the_end_of_the_list_says_so(anna: Follower) -> None:
    anna.say(f"有没有讲 {MYSQL} 的课")
    replies = [anna.say("更多") for _ in range(4)]
    assert "换个说法" in replies[-1]


def test_buying_twice_gives_the_same_order(anna: Follower) -> None:
    assert anna.order_of(CRAWLER) == anna.order_of(CRAWLER)


def test_buying_what_one_owns_leads_into_the_course_instead(anna: Follower) -> None:
    anna.buy(CRAWLER)
    reply = anna.say(f"购买 {CRAWLER}")
    assert "已经有了" in reply and "/pay/" not in reply


def test_a_number_out_of_range_is_told_the_range(anna: Follower) -> None:
    anna.say(QUESTION)
    assert "1 到 3" in anna.say("9")
    assert "1 到 3" in anna.say("买 9")


def test_a_number_without_a_list_asks_for_a_question_first(town: Town) -> None:
    stranger = town.follower()
    for words in ("1", "买 2", "更多"):
        assert "想学 Python" in stranger.say(words), words


def test_buy_alone_means_the_course_that_was_looked_at(anna: Follower) -> None:
    anna.say(QUESTION)
    anna.say("1")
    assert f"《{CRAWLER}》" in anna.say("购买")


def test_a_free_course_opens_at_once_without_the_gateway(town: Town, anna: Follower) -> None:
    reply = anna.say(f"购买 {GIT}")
    assert "/pay/" not in reply and "/courses/git-free/start" in reply
    assert CANARY in anna.get("/courses/git-free/work").text
    assert GIT in anna.say("我的课程")
    order = town.rooms.shop.till.orders_of(anna.openid)[0]
    assert (order.status, town.rooms.shop.till.show(order.order_no).attempts) == ("fulfilled", [])


def test_a_cancelled_payment_takes_nothing_and_can_be_paid_after_all(anna: Follower) -> None:
    order_no = anna.order_of(CRAWLER)
    assert anna.pay(order_no, "cancel")["status"] == "cancelled"
    assert CANARY not in anna.get(SECOND_LESSON).text
    assert anna.pay(order_no)["status"] == "success"


def test_a_refund_sends_the_money_back_and_closes_the_course_when_it_is_there(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    assert CRAWLER in anna.say("退款")
    assert "¥99" in anna.say("退款 1")
    refunded = anna.await_push("已经原路退回")
    assert order_no in refunded
    assert CANARY not in anna.get(SECOND_LESSON).text
    assert "已退款" in anna.say("我的订单")


def test_a_second_tap_on_the_refund_sends_nothing_twice(town: Town, anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    anna.say("退款")
    anna.say("退款 1")
    anna.say("退款 1")
    anna.await_push("已经原路退回")
    assert town.rooms.shop.till.show(order_no).balance_fen == 0
    assert len(town.rooms.shop.till.show(order_no).refunds) == 1


def test_a_course_without_refund_says_so(anna: Follower) -> None:
    anna.buy(PANDAS)
    reply = anna.say("退款")
    assert PANDAS in reply and "不退" in reply


def test_who_comes_back_is_greeted_with_what_they_own(anna: Follower) -> None:
    anna.buy(CRAWLER)
    anna.unfollow()
    greeting = anna.follow()
    assert "欢迎回来" in greeting and CRAWLER in greeting
    assert CANARY in anna.get(SECOND_LESSON).text


def test_my_page_shows_courses_and_orders(anna: Follower) -> None:
    order_no = anna.buy(CRAWLER)
    page = anna.get("/me").text
    assert CRAWLER in page and order_no in page


def test_a_course_is_bought_on_its_page_too(anna: Follower) -> None:
    page = anna.log_in().post("/courses/crawler-one/buy")
    assert page.status_code == 200 and "确认支付" in page.text


def test_a_course_page_begins_with_its_lead_and_goes_on_with_the_rest(anna: Follower) -> None:
    page = anna.get("/courses/crawler-one").text
    lead = re.search(r'<div class="lead">(.*?)</div>(.*?)</article>', page, re.DOTALL)
    assert lead and "的课程主页" in lead[1] and "的详细介绍" not in lead[1]
    assert "的详细介绍" in lead[2] and "的课程主页" not in lead[2]


def test_an_order_is_an_event_wherever_it_was_placed(town: Town, anna: Follower) -> None:
    anna.log_in().post("/courses/crawler-one/buy")
    anna.order_of(MYSQL)
    orders = {order.order_no for order in town.rooms.shop.till.orders_of(anna.openid)}
    events = town.rooms.shop.members.events.of(anna.openid)
    assert {event.data["order_no"] for event in events if event.kind == "order"} == orders


def test_a_withdrawn_course_is_not_sold_from_an_old_page(town: Town, anna: Follower) -> None:
    course = town.rooms.shop.shelf.catalogue().by_slug("crawler-one")
    assert course is not None
    with pytest.raises(NotOnSale):
        buy(town.rooms.shop, anna.openid, replace(course, listed=False))
    assert town.rooms.shop.till.orders_of(anna.openid) == []


def test_the_shelf_is_searched_and_filtered(anna: Follower) -> None:
    assert PANDAS in anna.get("/courses").text
    found = anna.get("/courses", params={"q": "爬虫"}).text
    assert CRAWLER in found and PANDAS not in found
    tagged = anna.get("/courses", params={"tag": "爬虫"}).text
    assert CRAWLER in tagged and PANDAS not in tagged


def test_a_poster_that_led_here_is_remembered(town: Town) -> None:
    anna = town.follower()
    anna.follow(scene="poster-7")
    assert town.rooms.shop.members.events.of(anna.openid)[0].data["scene"] == "poster-7"


def test_a_voice_message_that_wechat_understood_is_a_question(anna: Follower) -> None:
    told = anna.send(type="voice", recognition="想学爬虫")
    assert CRAWLER in told["reply"]["content"]


@pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link"])
def test_what_cannot_be_understood_gets_a_sentence(anna: Follower, kind: str) -> None:
    told = anna.send(type=kind, content="")
    assert re.search("文字|打字", told["reply"]["content"])


@pytest.mark.parametrize("kind", ["view", "LOCATION", "TEMPLATESENDJOBFINISH"])
def test_an_event_that_nobody_waits_for_gets_silence(anna: Follower, kind: str) -> None:
    assert anna.send(type=kind, key="x")["reply"] is None


def test_a_number_beside_which_nothing_stood_orders_nothing(town: Town) -> None:
    anna = town.new_follower()
    for words in ("买 4", "4", "买 9"):
        assert "1 到 3" in anna.say(words), words
    assert anna.say("我的订单").startswith("你还没有订单")
