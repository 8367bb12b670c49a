"""For whom and for what: `给女朋友做个网页表白` is a question about web pages, and no talk about love.

Whom something is made for is neither topic nor small talk. Nor is the occasion, as long as a thing of our
trade is made for it: 生日网页, but not 生日蛋糕.
"""

import re
from collections.abc import Collection

_PERSON = (
    r"(?:女朋友|男朋友|女友|男友|对象|老婆|老公|媳妇|妻子|丈夫|妈妈|爸爸|爸妈|父母|妈|爸|孩子|小孩|儿子|女儿|宝宝|"
    r"娃|家里人|家人|长辈|老人|奶奶|爷爷|外婆|外公|亲戚|弟弟|妹妹|哥哥|姐姐|弟|妹|哥|姐|朋友|室友|闺蜜|兄弟|同学)"
)
_FOR_WHOM = re.compile(
    rf"(?:送给|做给|写给|给|帮|替|为|送|教|教会|陪|带)(?:着|我们?|咱们?|自己|家里?)?的?(?:一个)?{_PERSON}们?"
    r"(?=[,。 ]|一?个|一?份|想|要|也|能|从|用|做|写|弄|搞|画|剪|修|设计|开发|搭|建|学|整理|处理|报|找|选|看|"
    r"入门|零基础|编程|上手|了解|[a-z])"
)
_MAKING = r"(?:送|做|写|弄|搞|画|剪|修|设计|开发|搭|建|生成|制作)"
_PRODUCT = (
    r"(?:网页|网站|主页|页面|小程序|app|程序|软件|代码|脚本|视频|短片|动画|游戏|相册|邀请函|h5|ppt|海报|"
    r"机器人)"
)
_OCCASION = (
    "表白|告白|求婚|生日|婚礼|结婚|订婚|纪念日|恋爱|情人节|七夕|圣诞节|圣诞|新年|春节|过年|拜年|祝福|毕业|教师节|"
    "母亲节|父亲节|礼物"
)
_FOR_WHAT = re.compile(rf"{_MAKING}.{{0,12}}{_PRODUCT}")
_OCCASIONS = re.compile(_OCCASION)


def without(text: str, taught: Collection[str] = ()) -> str:
    """A `plain` text without whom and what something is made for; what is `taught` here is a topic."""
    made = _FOR_WHAT.search(text)
    text = _FOR_WHOM.sub(lambda match: match.group() if _named(match, taught) else " ", text)
    if not made:
        return text
    return _OCCASIONS.sub(lambda match: match.group() if match.group() in taught else " ", text)


def _named(match: re.Match[str], taught: Collection[str]) -> bool:
    return any(word in match.group() for word in taught if len(word) > 1)
