"""What is open to a follower: courses by name, by a tag, or all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from payments.errors import AlreadyOwned
from payments.offer import Offer
from payments.rights import Access, access_of
from tests.unit.payments.counter import CRAWLER, LIN, MEI, Counter


@dataclass(frozen=True)
class Course:
    id: str
    tags: tuple[str, ...] = ()
    includes: tuple[tuple[str, str], ...] = ()


SPIDER, GO = Course("py-crawler", ("Python", "爬虫")), Course("go-web", ("Go",))
BUNDLE = Offer(
    item_id="starter",
    title="入门套装",
    price_fen=19900,
    item_kind="bundle",
    contents=(("course", "py-crawler"), ("tag", "Go")),
)


@pytest.mark.parametrize(
    ("items", "spider", "go"),
    [
        ([], False, False),
        ([("course", "py-crawler")], True, False),
        ([("tag", "爬虫")], True, False),
        ([("tag", "爬")], False, False),
        ([("tag", "py-crawler"), ("course", "Go")], False, False),
        ([("all", "*")], True, True),
        ([("bundle", "py-crawler"), ("future", "*")], False, False),
    ],
)
def test_a_grant_opens_what_it_names_and_nothing_else(
    items: list[tuple[str, str]], spider: bool, go: bool
) -> None:
    access = access_of(items)
    assert (access.opens(SPIDER), access.opens(GO)) == (spider, go)


def test_what_a_tag_opens_is_not_held_by_name() -> None:
    access = access_of([("tag", "爬虫")])
    assert access.holds("tag", "爬虫") and not access.holds("course", "py-crawler")
    assert access_of([("all", "*")]).holds("all", "*") and not Access().holds("all", "*")


def test_an_order_opens_all_that_it_contains_and_a_refund_ends_all(counter: Counter) -> None:
    order, _ = counter.bought(offer=BUNDLE)
    assert counter.till.owned(LIN) == Access(frozenset({"py-crawler"}), frozenset({"Go"}))
    assert counter.till.owned(MEI) == Access()
    counter.refunded(order.order_no)
    assert counter.till.owned(LIN) == Access()


def test_a_bundle_is_sold_to_who_owns_a_part_and_not_to_who_owns_all_of_it(counter: Counter) -> None:
    counter.bought(offer=CRAWLER)
    counter.bought(offer=BUNDLE)
    assert len(counter.till.grants_of(LIN)) == 3
    with pytest.raises(AlreadyOwned):
        counter.order(offer=replace(BUNDLE, price_fen=100))


def test_contents_are_frozen_in_the_order(counter: Counter) -> None:
    order = counter.order(offer=BUNDLE)
    changed = counter.order(offer=replace(BUNDLE, contents=(("all", "*"),)))
    assert changed.order_no != order.order_no
    assert counter.till.show(order.order_no).order.opens == BUNDLE.contents
    assert counter.order(offer=CRAWLER).opens == (("course", "py-crawler"),)
