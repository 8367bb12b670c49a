"""Words that people say beside their subject: who wants it, how, when, and what they think of it.

老板让我做个数据看板 is about no 老板, and a text that has 最好 says nothing by that. By the word classes of
general Chinese (adverbs, pronouns, adjectives, idioms), as far as technical prose is not fond of the word;
and people by a list, for they are nouns like any subject.
"""

from functools import lru_cache

from nlp import words
from nlp.prose import leaning

WORDS_KEPT = 16_384  # followers may type any word: some 120 bytes each

_PEOPLE = frozenset(
    """
    老板 老板娘 老总 总监 领导 上司 上级 下属 主管 经理 总经理 组长 班长 店长 店员 同事 员工 职员 老员工
    新人 秘书 助理 前辈 同行 外行 内行 甲方 乙方 导师 老师 师傅 徒弟 学长 学姐 学弟 学妹 同学 学生 学员
    大学生 研究生 高中生 初中生 小学生 文科生 理科生 应届生 毕业生 男生 女生 男人 女人 男孩 女孩 小孩 小孩子
    孩子 儿子 女儿 家人 家里人 家长 父母 爸妈 朋友 网友 室友 舍友 邻居 亲戚 老人 老人家 年轻人 中年人 成年人
    普通人 一般人 有人 没人 别人 程序员 工程师 开发者 人家 大家 自己人 新手 小白 菜鸟 高手 大神 大牛 大佬
    专家 达人 宝妈 妈妈 爸爸 上班族 打工人
    """.split()  # noqa: SIM905 - read as a line of words
)


def is_person(word: str) -> bool:
    """Whether it says who somebody is."""
    return word in _PEOPLE


@lru_cache(maxsize=WORDS_KEPT)
def is_aside(word: str) -> bool:
    """Whether a word is said beside the subject, wherever no title or tag has it."""
    if word in _PEOPLE:
        return True
    return leaning(word) <= 0 and (words.is_function(word) or _is_guessed(word))


def _is_guessed(word: str) -> bool:
    """What the cutter made of two words that only met: 卖|得, 先|学, 没|救."""
    if len(word) != 2 or words.general_count(word):
        return False
    return word[0] in "先能想要再刚才别没不好太很更最" or word[1] in "得了着过起完的吗呢吧啊"
