"""A parcel that is handed over again, because its worker died after sending, is one message."""

from __future__ import annotations

from handlers import push
from infra.outbox import Parcel
from tests.flows.town import Town


def test_a_receipt_that_was_sent_is_not_sent_again(town: Town) -> None:
    anna = town.new_follower()
    anna.say("你好")
    paid = {"openid": anna.openid, "title": "爬虫", "total_fen": 100, "order_no": "KBONCE1", "item_id": "x"}
    hand_over = push.handlers(town.rooms.shop, town.rooms.api.send_text)["receipt"]
    for tries in (1, 2):
        hand_over(Parcel(id=1, key="receipt:KBONCE1", topic="receipt", payload=paid, tries=tries))
    assert len(anna.pushed("KBONCE1")) == 1
