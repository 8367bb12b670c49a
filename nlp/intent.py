"""What a follower wants with a message, from how it is said. Knows no course and no model.

The rules stand in one ordered list; the first that fits the whole message wins. Whatever fits none is `ask`:
a wrong guess at a button costs more than a search. A topic question that only mentions a button's word
(`微信支付退款接口怎么写`) must stay a question, so no rule looks for a word anywhere in the text.
"""

import re
from typing import NamedTuple

from nlp import asked, worries
from nlp.limits import yuan
from nlp.needed import Among, Quick
from nlp.worries import COMPLAINT, CRISIS, DISCOUNT, INVOICE, ORDERS, REFUND, SUPPORT

ASK, CHOOSE, BUY, MORE, MINE, RESUME = "ask", "choose", "buy", "more", "mine", "resume"
HELP, WHO, GREETING, THANKS, HUMAN, RECOMMEND, OFFTOPIC, ABOUT = (
    "help", "who", "greeting", "thanks", "human", "recommend", "offtopic", "about",
)  # fmt: skip
COMPARE = "compare"  # what is asked about two courses of a list
# What is asked of a whole list, or of the whole shelf.
NEWEST, POPULAR, ANY, CHEAPEST, DEAREST, SHORTEST, LONGEST_ONE, EASIEST, HARDEST = (
    "newest", "popular", "any", "cheapest", "dearest", "shortest", "longest", "easiest", "hardest",
)  # fmt: skip
INTENTS = (
    ASK, CHOOSE, BUY, MORE, MINE, RESUME, ORDERS, REFUND, SUPPORT, INVOICE, DISCOUNT, HELP, WHO, GREETING,
    THANKS, HUMAN, COMPLAINT, CRISIS, RECOMMEND, OFFTOPIC, ABOUT,
)  # fmt: skip

SURELY_SHORT = 8  # characters up to which a worry is about nothing else
LONGEST_BUTTON = 80  # characters; longer messages are told, not pressed, and the rules need not read them


class Intent(NamedTuple):
    """`number` is the place in the last list that was meant (1 is the first) and `numbers` all of them,
    `name` what a course was called, `asked` what about a course, the shop or a refund (see `asked.py`), or
    `compare`."""

    intent: str
    confidence: float
    number: int | None = None
    name: str = ""
    asked: str = ""
    numbers: tuple[int, ...] = ()


# Parts of sayings. `§` stands for a number, and is a named group in the finished pattern.
_PARTS = {
    "N": r"(?P<§>\d{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])",
    "ITEM": r"(?:个|门|节|条|项|款|种)?(?:课程|课)?",
    "COURSE": r"(?:课程|课)?",
    "ME": r"(?:我|俺|咱|本人)?",
    "WANT": r"(?:想要?|要|需要|来|打算|准备|希望|申请|能不能|可不可以|可以|能|帮我|给我|请|麻烦){0,4}",
    "LOOK": r"(?:看看?|看一下|选择?|要|来|查看|打开|了解(?:一下)?|讲讲|说说|介绍(?:一下)?|就){0,4}",
    "BUYING": r"(?:购买|买下|下单|买入|买|订购|报名|拍下|拿下|入手|buy)",
    # What is asked about one course of the list; its card tells all of it.
    "ABOUT": (
        r"(?:的)?(?:多少钱|多少元|怎么卖|怎么收费|什么价格?|价格(?:是)?(?:多少)?|贵不贵|贵吗|收费吗|要钱吗|"
        r"免费吗|"
        r"怎么样|怎样|讲什么|讲的什么|是什么|讲啥|学什么|什么内容|内容(?:是什么)?|详情|介绍|看看|难吗|难不难|"
        r"好吗|好不好|好学吗|值得[买学]吗|适合(?:我|新手|小白|零基础)吗|有?(?:多少|几)节课?)"
    ),
    "MEAN": (
        r"(?:有什么|有啥|的|之间)?(?:区别|不同|差别|不一样)(?:是什么|在哪里?)?|(?:哪|那)[个门]?(?:课程|"
        r"课)?(?:更|比较|最)?"
        r"(?:好|适合我|合适|便宜|划算|简单|值得[买学])|(?:怎么|该|应该)?选(?:哪[个门])?|(?:比较|"
        r"对比)(?:一下)?|比起?来?"
    ),
    # Of a list as a whole, so no 课 may be named before it: 课不合适 may be one that was bought.
    "REFUSES": (
        r"(?:(?:这|上面|刚才)(?:那|这)?[些几]?[个门]?<COURSE>)?(?:我|感觉|好像|觉得)*(?:都|全|全都|一个都|一门都)+"
        r"(?:不想?要|不太?合适|不喜欢|不感兴趣|不满意|不对|不是我?想?要的|没兴趣|不行|看不上|不适合我?)|"
        r"我?(?:不喜欢|不想?要|不满意)(?:这|上面|刚才)(?:那|这)?[些几][个门]?|"
        r"(?:没|没有|没看到)(?:我)?(?:合适|喜欢|想要|满意|感兴趣)的?|"
        r"(?:这[些几][个门]?)?(?:不喜欢|不合适|不满意|不感兴趣|不是我想?要的)"
    ),
    "ONWARD": (
        r"(?:换一?[批组换个些]|换几?[个门]|换换|换别的|再?来一?几?[个门些点]|再?推荐(?:一|几)?[个门些]|"
        r"(?:还)?有(?:没有)?(?:<OTHER>)?(?:的)?|(?:看看|推荐|来点)<OTHER>)"
    ),
    "OTHER": r"(?:其他|其它|别的|更多)",
    "MOST": (
        r"(?:贵|便宜|短|长|简单|容易|难|火|热门|新|好|受欢迎|畅销|实用|划算|值得[学买]|值|适合(?:新手|小白|"
        r"我|初学者))"
    ),
    # 其中最…的是哪门; what is said of the shop's courses (你们最贵的课) is not about a list.
    "IN": (
        r"(?:(?:这|那)(?:些|[几两三四五]?[个门])(?:课程|课)?|刚才那?(?:些|[几两三]?[个门])?|其中|哪[个门])?"
        r"(?:里面?|当中|中)?(?:是|哪[个门])?"
    ),
    "ONE": r"的?(?:一|那|这)?[个门]?(?:是?(?:哪[个门]?|什么)|多少钱|有哪[些个]|有吗)?",
    "SELLS": r"(?:卖得|卖的|买的人|学的人|销量|人气|报的人)(?:最|比较)?(?:好|多|火|高|旺)",
    "GOOD": r"(?:好的?|热门的?|合适的?|不错的?|新的?)?",
    "AGENT": r"(?:人工|客服|真人|人工客服|人工服务|在线客服|管理员|店主|负责人)",
    "HELLO": (
        r"(?:你好|您好|哈喽|哈啰|嗨|嘿|hi|hello|hey|在吗|在么|在不在|有人在?吗?|早上好|早安|上午好|"
        r"中午好|下午好|晚上好|晚安|早|大家好|老师好)"
    ),
    "THANK": r"(?:谢谢|多谢|感谢|谢啦|谢了|谢过|thanks?|thank ?you|thx|3q|辛苦了?)",
    "TAIL": r"(?:吧|呢|吗|啊|呀|哦|哈|啦|嘛|了|的|么|可以吗|行吗|好吗|谢谢){0,4}",
}
_EDGE = " ,.。!?、;:~…·'\"“”‘’「」()【】[]"  # after NFKC the full-width forms are these

# Each intent with its sayings, in the order they are tried; <NAMES> are the parts above.
_SAYINGS: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    (CHOOSE, 1.0, (
        r"那?<ME><LOOK>\s*第\s*<N>\s*<ITEM><ABOUT>?",
        r"(?:选\s*)?<N>\s*[号个]?",
        r"<N>\s*[号个门]?<ABOUT>",
    )),
    (CHOOSE + ":" + COMPARE, 1.0, (
        r"(?:那|这[个门]?|它|刚才[那这]?[个门]?)?<COURSE>(?:和|跟|与|比|相比)第?<N>[个门号]?<COURSE>(?:相比|比)?(?:<MEAN>)",
        r"第?<N>[个门号]?<COURSE>(?:和|跟|与|、|还是|vs|或者?)第?<N>[个门号]?<COURSE>(?:相比|比)?(?:<MEAN>)",
        r"第?<N>[个门号]?<COURSE>(?:(?:和|跟|与|、)第?<N>[个门号]?<COURSE>){1,3}",
        r"(?:比较|对比)(?:一下)?第?<N>[个门号]?(?:和|跟|与|、)第?<N>[个门号]?",
    )),
    (BUY, 1.0, (
        r"<ME><WANT>\s*<BUYING>\s*(?:下|一下|了)?\s*(?:第\s*<N>\s*<ITEM>|<N>\s*[号门个]?)",
        r"第\s*<N>\s*[个门]<ME>(?:要|想)?(?:买|买了|下单)",
        r"<ME><WANT><BUYING>第?<N>[个门号]?(?:和|跟|与|、|加|还有)第?<N>[个门号]?<COURSE>",
        r"第?<N>[个门号]?(?:和|跟|与|、)第?<N>[个门号]?<COURSE>(?:我|都|全|一起){0,3}(?:要|想)?(?:买|要)",
        r"<ME>(?:这)?(?:[两二三四五几\d]|全部)?[个门]?<COURSE>(?:我)?(?:都|全|全都|全部|一起)(?:想|"
        r"要)?(?:买|要)",
    )),
    (MORE, 1.0, (
        r"更多(?:课程|推荐|一些|一点)?",
        r"(?:再|多)(?:来|看|推荐)(?:几|一)?[个门些点]?<COURSE>",
        r"(?:还有|有没有|有)(?:没有)?<OTHER><COURSE>(?:推荐)?",
        r"还有(?:没有)?<COURSE>",
        r"(?:其他|其它|别的|剩下)<COURSE>",
        r"下一?[页批组]",
        r"往下",
        r"翻页",
        r"换一?[批组换个]",
        r"换几个",
        r"换换",
        r"<REFUSES>",
        r"(?:<REFUSES>|这[些几][个门]?)?(?:我|都|已经)*(?:看|学)过了?[ ,]*(?:还有|有没有|有)(?:没有)?"
        r"(?:<OTHER>|新)?的?<COURSE>",
        r"(?:<REFUSES>|不要|不行)[ ,]*(?:能不能|可以|给我|帮我|请|那)*<ONWARD>的?<COURSE>",
    )),
    (MINE, 1.0, (
        r"(?:查看|看看?|查询?|打开)?我(?:的|买的|买过的|购买的|购买过的|已购的?|学的|报的|有的)(?:课程|课)",
        r"(?:已购|已买|买过的?|购买过的?)(?:课程|课|的课)?",
        r"我的学习",
        r"学习中心",
        r"my ?courses?",
        r"我(?:都|已经)?(?:买|购买|报)(?:过|了)(?:哪些|什么|啥|几门)<COURSE>",
        r"我有(?:哪些|什么|几门)(?:课程|课)",
    )),
    (RESUME, 1.0, (
        r"我?(?:想|要)?(?:继续|接着)(?:上次的?)?(?:学习?|看|上课|听课|听|读)?<COURSE>",
        r"我?(?:上次|上回|之前)?(?:学|看|读)到(?:哪里?|哪儿|第几[课节章])",
        r"下一[课节]",
        r"上次的课",
        r"continue",
    )),
    (ORDERS, 1.0, (
        r"(?:查看?|查询|看看?|打开)?(?:一下)?(?:我的|我)?(?:全部|所有|历史)?[订定]单(?:列表|查询|记录|"
        r"在哪里?)?",
        r"(?:查看?|查询|看看?)?(?:我的)?(?:购买|消费|付款)记录",
        r"(?:我的)?账单",
        r"(?:my ?)?orders?",
    )),
    (HELP, 1.0, (
        r"帮助(?:中心|菜单|一下)?",
        r"help",
        r"菜单",
        r"目录",
        r"指令",
        r"命令",
        r"功能(?:介绍)?",
        r"说明",
        r"使用(?:说明|帮助|方法)",
        r"(?:这个?|这里|公众号|你)?(?:怎么|如何)(?:用|使用|操作|玩)<COURSE>",
        r"你都?(?:能|会|可以)(?:帮我)?(?:做|干|干嘛|做些?)?(?:什么|啥|点什么|哪些)",
        r"你都?(?:能|会|可以)(?:帮我)?(?:做|干)嘛",
        r"有(?:什么|哪些)功能",
        r"你们?是(?:干什么|做什么|干嘛)的?",
    )),
    (WHO, 1.0, (
        r"你们?(?:到底|究竟)?(?:是|叫)(?:谁|什么|啥|什么人|什么名字|啥名字?|哪位|ai|人工智能|机器人|真人|"
        r"人|人类|"
        r"chatgpt|gpt|大模型|活人)(?:还是(?:机器人|真人|人|ai))?",
        r"你们?是不是(?:机器人|真人|人|ai|人工智能|活人)",
        r"你的?(?:名字|姓名|昵称)(?:是什么|叫什么|叫啥|呢)?",
        r"(?:怎么|如何)称呼你?|你?贵姓|尊姓大名",
        r"你?(?:介绍(?:一下|下)?你?自己|做个自我介绍)|谁(?:开发|做|创造|写)了?的?你",
        r"(?:你|老师)(?:几岁|多大)了?|who are you|what(?:'| i)?s your name",
    )),
    (HUMAN, 1.0, (
        r"(?:转|找|要|联系|呼叫|叫|我要|我想|帮我|有没有|有|请){0,4}(?:一下|个)?<AGENT>(?:在|帮忙|电话|微信|"
        r"处理|聊){0,2}",
        r"(?:我要|我想)?投诉(?:你们)?",
        r"(?:怎么|如何|能|可以|我要|我想|想|哪里能?){0,2}(?:联系|找)(?:一下|到|上)?(?:你们|(?:你们?|这里|"
        r"课程)?的?(?:老师|作者|讲师))",
        r"(?:老师|作者|讲师)(?:您|你)?(?:在吗|在不在|在么|在|呢|人呢)",
        r"有(?:没有)?(?:老师|人)(?:在|能|可以)?(?:在线|回答|解答|帮忙)?",
        r"(?:不想|别)(?:跟|和)机器人(?:说话|聊)",
        r"(?:我?(?:想|要|可以|能)?)?加(?:个|一下|下|你们?|老师)?的?(?:微信|qq|好友|vx|企业微信)",
        r"(?:你们?|老师|客服|公司)的?(?:公司|店|老师|客服)?的?(?:电话|手机号?|微信号?|qq号?|邮箱|地址|"
        r"联系方式)(?:号码?)?"
        r"(?:是|有)?(?:多少|什么|哪里?|哪儿)?",
        r"(?:你们?)?的?(?:公司|地址|办公室)在(?:哪里?|哪儿|什么地方)",
        r"(?:你们?)?几点(?:上|下)班",
    )),
    (GREETING, 1.0, (
        r"(?:老师|课伴|小助手)?<HELLO>{1,3}[ ,]*(?:在吗|老师|课伴|小助手){0,2}",
    )),
    (THANKS, 1.0, (
        r"(?:好的?|嗯{1,3}|ok)?[ ,]*(?:非常|太|十分|万分)?<THANK>(?:你|您|老师|大佬|课伴|一下|帮忙|"
        r"很多){0,3}",
        r"(?:好的?|嗯{1,3}|ok|okay|收到|知道|明白|懂|了解|没事|没问题|不用|不需要|不客气|是的?|对的?|行|"
        r"算了|没了|不了|再见|拜拜|bye){1,3}",
        r"(?=.{0,12}(?:谢|辛苦|拜|再见|bye|回头|下次))(?:<THANK>|好的?|拜+|再见|bye|回头见|"
        r"下次(?:再)?(?:聊|来|见)|先这样|"
        r"我?先(?:走|去忙|去学习?|看看)|明天见|你|您|老师|大家|[了啦哦呀]){1,8}",
        r"(?:哦|噢|喔|嗯|哈|呵|嘿|嘻|啊|哇|哎|唉|6{3}|棒|赞|牛逼?|nb|nice|great|cool|good|wow){1,12}",
        r"(?:你)?(?:真|太|好|很|真是|非常|挺|超|超级|确实)?(?:的)?(?:棒|厉害|牛|牛逼|赞|强|好|不错|可以|"
        r"给力|贴心|"
        r"优秀|聪明|有用)(?:极|多)?",
    )),
    (f"{RECOMMEND}:{NEWEST}", 1.0, (
        r"(?:你们|这里|最近|近期|现在|都|又){0,3}(?:有|出|上|上架|更新|开)?(?:没有|了)?(?:什么|哪些|啥)?(?:最|上)?新(?:的|开的|出的|"
        r"上的|上架的)?(?:课程|课|上架)(?:推荐|上架|有哪些|上线|吗)?",
        r"(?:哪[个门])?<COURSE>最新的?<COURSE>(?:是?(?:哪[个门些]?|什么)<COURSE>)?",
        r"(?:你们|这里|最近|近期|现在|又){0,3}(?:上新|更新|新上|新出|上架)了?(?:什么|哪些|啥)?<COURSE>",
    )),
    (f"{RECOMMEND}:{POPULAR}", 1.0, (
        r"(?:你们|这里|最近|近期|现在|都){0,3}(?:哪[个门些]|什么)?<COURSE><SELLS>的?(?:是?(?:哪[个门些]?|什么))?<COURSE>(?:推荐)?",
        r"(?:你们|这里|最近|近期|现在|都){0,3}(?:哪[个门些]|什么)?<COURSE>(?:最|比较|很)(?:火|热门|受欢迎|畅销|热)的?"
        r"(?:是?(?:哪[个门些]?|什么))?<COURSE>",
        r"(?:大家|别人|其他人|人家)(?:最近)?(?:都)?(?:在|喜欢|爱)?(?:学|买|看|报)(?:的)?(?:什么|啥|哪[个门些])(?:比较)?(?:多)?<COURSE>",
        r"(?:热门|热销|畅销|最火|爆款)的?<COURSE>(?:列表|推荐|有哪些|排行|榜)?",
    )),
    (f"{RECOMMEND}:{ANY}", 1.0, (
        r"(?:那|你|就)?随便(?:看看|逛逛|推荐|来|给我|选|挑|说){0,2}(?:[一几两](?:个|门))?<COURSE>",
    )),
    (f"{RECOMMEND}:{CHEAPEST}", 1.0, (r"<IN>最(?:便宜|划算|省钱)<ONE>",)),
    (f"{RECOMMEND}:{DEAREST}", 1.0, (r"<IN>最贵<ONE>",)),
    (f"{RECOMMEND}:{SHORTEST}", 1.0, (r"<IN>最(?:短|快学完)<ONE>",)),
    (f"{RECOMMEND}:{LONGEST_ONE}", 1.0, (r"<IN>最长<ONE>",)),
    (f"{RECOMMEND}:{EASIEST}", 1.0, (r"<IN>最(?:简单|容易|好学|适合(?:新手|小白|初学者))<ONE>",)),
    (f"{RECOMMEND}:{HARDEST}", 1.0, (r"<IN>最(?:难|深|高级)<ONE>",)),
    (RECOMMEND, 1.0, (
        r"(?:请|帮我|给我|求|麻烦|能不能|可以|再){0,3}推荐(?:一?下|一?几?[个门些点])?<GOOD><COURSE>(?:给我|"
        r"看看|学习|学)?",
        r"(?:你们|你|这里|现在|都){0,3}有(?:哪些|什么|啥|没有)?<GOOD>(?:课程|课|可以学的|能学的|"
        r"推荐)(?:可以学|能学|可以买|推荐)?",
        r"(?:全部|所有|精选|精品)?的?(?:课程|课)(?:列表|目录|大全|推荐|"
        r"有哪些|表)?",
        r"我?(?:该|应该|可以|能|要)?(?:学|看|买)[点些个]?(?:什么|啥|哪个|哪门)<COURSE>(?:好|合适|比较好)?",
        r"(?:不知道|不晓得|没想好)(?:该|要)?[学买看][点些]?(?:什么|啥)好?",
        r"我?(?:就|也|很)?(?:想|要)(?:学习|学点东西|上课|学点什么|提升自己|买课|学东西)",
        r"(?:这些|你们的?|一门|每门)?<COURSE>(?:的)?(?:都)?(?:多少钱|怎么收费|怎么卖|什么价格?|价格|贵不贵)",
        r"(?:你们|这里)?(?:哪[个门些])?<COURSE>最<MOST>的?(?:一|那|几)?[门个]?<COURSE>(?:是?(?:哪[个门些]?|"
        r"什么)<COURSE>|是?多少钱|什么价格?)?",
    )),
    (BUY, 0.9, (
        r"(?:<ME>(?:就|也)?<WANT>\s*<BUYING>|就(?:要|买|它))(?:这个|这门|它|那个|那门|这|下|一下|上面的|"
        r"这?[两三几][个门]|刚才[那]?[个门]?|该){0,3}<COURSE>",
    )),
)  # fmt: skip


_PART = re.compile(r"<([A-Z]+)>")


def _compiled(sayings: tuple[str, ...]) -> re.Pattern[str]:
    """Put the parts in, give each number a group of its own, allow a particle at the end."""
    pattern = f"(?:{'|'.join(sayings)})<TAIL>"
    while _PART.search(pattern):  # some parts have parts
        pattern = _PART.sub(lambda part: f"(?:{_PARTS[part[1]]})", pattern)
    for count in range(pattern.count("§")):
        pattern = pattern.replace("§", f"n{count}", 1)
    return re.compile(pattern)


_RULES = tuple(
    (*intent.partition(":")[::2], confidence, Quick(_compiled(sayings)))
    for intent, confidence, sayings in _SAYINGS
)
_ANY_RULE = Among([quick for *_, quick in _RULES])

# Buying by name. 买 what, 买什么, 怎么买 are questions; a sentence about buying is too long for a name.
_BUY_NAME = re.compile(
    rf"(?:(?:购买|下单|订购|报名|买)\s*|(?:我(?:想)?要?|想|要|帮我|给我)(?:购买|买|下单|报名|"
    rf"订购)\s*)(?:一下|一个|一门|一份|下|了)?\s*(?:这门|"
    rf"这个|课程|《|「)?\s*(?P<name>[^,。!?]{{2,60}}?)\s*(?:》|」)?(?:这门课程?|这个课程?|这门|"
    rf"课程)?{_PARTS['TAIL']}"
)
_NOT_A_NAME = re.compile(
    r"^[了完过]|^[这那]?[两二三四五几][个门]|什么|多久|了?[能可]|哪|啥|几|多少|怎么|如何|吗$|贵|便宜|"
    r"[一二三四五六七八九十\d]+[块元]|不起|东西|教程$|书$"
)
# What else is bought in shops; but 做菜会员 or 租房合同看得懂 may be courses, the more so with a gap before.
_GOODS = re.compile(r"^(?:菜|票|房|车|衣)|^.{0,3}(?:菜|票|房子?|车子?|衣服?)$|服务器")
_SET_APART = re.compile(r"(?:购买|买|下单|订购|报名)(?:一下|[ 《「])")


# What a polite person begins with; it tells nothing about what comes behind.
_POLITE = re.compile(
    rf"(?:{_PARTS['HELLO']}|老师|课伴|小助手|打扰(?:一下|了)|不好意思|请问(?:一下|下)?|麻烦问(?:一下|下)|"
    r"我?想(?:请)?问(?:一下|下|问)|问(?:一下|下)|[呀啊哈吗 ,.!~、。])+"
)


def detect(normal: str, *, free_words: int) -> Intent:
    """The intent of a `plain` text; `free_words` is how many words of a topic are left in it."""
    said = normal.strip(_EDGE)
    if not said and "?" in normal:
        return Intent(HELP, 0.8)
    if worries.despair(said):
        return Intent(CRISIS, 0.9)
    if len(said) > LONGEST_BUTTON:
        return _open(said, free_words)
    told = tuple(dict.fromkeys(way for way in _ways(said) if way))
    # What fits as a whole has each character of the shortest way to write it.
    signs, least = frozenset(said), frozenset(told[-1] if told else "")
    button = _about(told, signs, least) or _pressed(told, signs, least)
    return button or _worry(said) or _buy_by_name(said) or _open(said, free_words)


def _ways(said: str) -> tuple[str, ...]:
    """A message as it stands and without its pauses, each also without its polite beginning."""
    squeezed = re.sub(r"[ ,]+", "", said)
    begun = _POLITE.match(said)
    bare = said[begun.end() :].strip(_EDGE) if begun else ""
    return said, squeezed, bare, re.sub(r"[ ,]+", "", bare)


def _about(told: tuple[str, ...], signs: frozenset[str], least: frozenset[str]) -> Intent | None:
    name = asked.about_any(told, signs, least)
    return Intent(ABOUT, 1.0, asked=name) if name else None


def _pressed(told: tuple[str, ...], signs: frozenset[str], least: frozenset[str]) -> Intent | None:
    """A button, in words."""
    for at in _ANY_RULE.may_be(least, signs):
        intent, asked_about, confidence, quick = _RULES[at]
        match = next((match for way in told if (match := quick.pattern.fullmatch(way))), None)
        if match:
            numbers = _numbers(match)
            return Intent(intent, confidence, next(iter(numbers), None), "", asked_about, numbers)
    return None


def _worry(said: str) -> Intent | None:
    name = worries.worry(said)
    if not name:
        return None
    about = asked.about_refund(re.sub(r"[ ,]+", "", said)) if name == REFUND else ""
    if name == SUPPORT and asked.twice(said):
        about = "twice"
    return Intent(name, 1.0 if len(said) <= SURELY_SHORT else 0.9, asked=about)


def _buy_by_name(said: str) -> Intent | None:
    match = _BUY_NAME.fullmatch(said)
    if not match or _NOT_A_NAME.search(match["name"]):
        return None
    if _GOODS.search(match["name"]) and not _SET_APART.search(said):
        return None
    return Intent(
        BUY, 0.9 if said.startswith(("购买", "我要买")) else 0.8, name=match["name"].strip(_EDGE + "《》")
    )


def _open(said: str, free_words: int) -> Intent:
    if not re.search(r"\w", said):
        return Intent(OFFTOPIC, 0.9)  # only signs, only emoji, nothing at all
    return Intent(ASK, 0.8 if free_words else 0.5)


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    said = (match[name] for name in match.re.groupindex)
    return tuple(int(each) if each.isdigit() else yuan(each) // 100 for each in said if each)
