"""Words of everyday talk, and words that prove nothing whatever they stand in."""

import re
from functools import cache, lru_cache
from pathlib import Path

EVERYDAY = Path(__file__).with_name("everyday.txt")
WORDS_KEPT = 16_384  # followers may type any word: some 120 bytes each

_NUMERAL = re.compile(
    r"[\d零一二三四五六七八九十百千万亿两几数多半第]+[个台份张条家件次遍天年月页块元斤米种套本门人名位只篇号点层排]?"
)


# Who uses a thing asks so, not who wants to learn how it is made: 微信被拉黑, 会员多少钱, 开机黑屏.
_OF_A_USER = re.compile(
    r"会员(?:多少|怎么|共享|取消)|(?:开|充|买)会员|续费|充值|账号被|被封|解封|注销|拉黑|密码忘|忘了?密码|(?:误删|删了|删掉).*(?:找回|恢复)|(?:恢复|找回).*(?:误删|删掉)"
    r"|聊天记录|没有?(?:声音|信号|反应)|[黑白蓝花]屏|死机|屏蔽|打不开|登不上|连不上|充不进|充电|(?<![卖收定报])多少钱|什么价[格钱位]?|几点|几天|值得买|哪款"
    r"|(?:怎么|如何)(?:关闭|取消|开通|退订|报停|投诉|提现|截屏|截长?图|清理)|在哪里?(?:设置|交|补|办|查)|附近|哪个(?:牌子|学校|城市)"
    r"|翻译一?下[这那]|红包怎么|怎么抢|\.\./|什么牌子|靠谱吗?$|的(?:做法|由来)$|是什么原因|有什么(?:症状|好处|影响)"
)


def of_a_user(normal: str) -> bool:
    """Whether a `plain` question is asked as one who uses a thing asks, and has trouble or buys."""
    return bool(_OF_A_USER.search(normal))


@cache
def everyday_words() -> frozenset[str]:
    """The words of everyday talk, from `everyday.txt`."""
    lines = EVERYDAY.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=WORDS_KEPT)
def proves_nothing(word: str) -> bool:
    """Digits, numerals with their measures (几十台) and single letters are no evidence."""
    return bool(_NUMERAL.fullmatch(word)) or (len(word) == 1 and word.isascii())
