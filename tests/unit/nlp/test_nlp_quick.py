"""What saves time must not change what is found."""

import re

from nlp.needed import Among, Quick
from nlp.words import Own


def test_the_longest_of_own_words_is_found_at_each_place() -> None:
    own = Own(["尤克", "尤克里里", "克里", "靓汤"])
    assert own.places("学尤克里里和靓汤尤克") == [(1, 5), (6, 8), (8, 10)]
    assert Own([]).places("尤克里里") == []


def test_patterns_are_left_out_only_where_they_cannot_fit() -> None:
    sayings = ("退款(?:吗)?", "买(?:课|它)", ".{2,4}多少钱", "[0-9]+元")
    quicks = [Quick(re.compile(saying)) for saying in sayings]
    among = Among(quicks)
    for text in ("退款", "退款吗", "买课", "这课多少钱", "99元", "爬虫", "退课", "买"):
        signs = frozenset(text)
        fitting = {at for at, quick in enumerate(quicks) if quick.pattern.fullmatch(text)}
        assert fitting <= set(among.may_be(signs, signs))
    assert among.may_be(frozenset("爬虫"), frozenset("爬虫")) == []
    assert among.may_be(frozenset("退款"), frozenset("退款")) == [0]
