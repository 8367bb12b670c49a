"""What troubles a follower, told in a sentence and not by a button: money, a course that stays shut, anger,
despair.

These rules look for words anywhere in the text. So each has words of a craft beside it that make the same
text a topic again: 发票识别, 订单系统, 支付失败的回调, 进程自杀.
"""

import re

from nlp.needed import Quick

REFUND, SUPPORT, INVOICE, DISCOUNT, ORDERS, COMPLAINT, CRISIS = (
    "refund", "support", "invoice", "discount", "orders", "complaint", "crisis",
)  # fmt: skip

_CRAFT = re.compile(
    r"接口|\bapi|\bsdk|代码|开发|实现|编写|怎么[写做](?!到)|系统|模块|设计|回调|报错|对接|接入|数据库|逻辑|"
    r"状态机|幂等|签名|架构|源码|前端|后端|小程序|并发|线程|进程|服务器|库存|脚本|程序|算法|模型|用户|"
    r"怎么识别|如何识别|检测|过滤"
)
_CRAFT_OF_PAPERS = (
    r"识别|ocr|提取|批量|整理|录入|合并|python|java|excel|pdf|爬|分析|统计|分类|表格|归档|扫描|自动|数据|网站"
)

_REFUND = re.compile(
    r"退款|退钱|退费|退课|退货|退单|退掉|把钱退|钱.{0,8}退回?|退的钱|(?:能|可以|可不可以|能不能|想|要|怎么|如何|"
    r"给我|不(?:给|让)?)退(?!役|化|休|出|回|路|格|步|避|火)|不想(?:要|学|买)了.{0,4}退?|\brefund|money back"
)
_MAKING_REFUNDS = re.compile(
    r"接口|api|sdk|代码|开发|实现|编写|写(?!错)|系统|模块|设计|回调|对接|接入|数据库|逻辑|状态机|幂等|签名|"
    r"功能|架构|源码|教程|测试|退款(?:课|的课)|"
    r"(?<!想)学(?!了)|做(?:一个|个)|电商|分析|统计|自动"
)

# What others have and do not give back: a landlord, a shop, a railway.
_OF_OTHERS = re.compile(
    r"押金|房东|房租|租房|中介|保证金|彩礼|公积金|社保|退税|车票|机票|火车票|高铁票|门票|酒店|快递|外卖|"
    r"淘宝|拼多多|京东|闲鱼|买家|卖家"
)

_PAID = (
    r"(?:付(?:了|过|完|好|款|钱|费)|支付(?:了|过|完|好|成功)|交(?:了|过|完)?(?:钱|费)|"
    r"扣(?:了|过)?(?:钱|款|费)|(?:购买|买|报名?)(?:了|过|完|的)|下了?单|钱.{0,2}付|钱(?:都|已经|也|被){0,2}(?:扣|付|交|给)|(?:扣|付)款(?:成功)?了?)"
)
_SHUT = (
    r"(?:显示(?:还)?(?:未|没)(?:支付|付款?)|(?:没有?|未|不给|还没)(?:给?我)?(?:被)?(?:自动)?(?:收到|见到|开通|开课|打开|解锁|到账|到课|看到|"
    r"课|开|显示|反应|动静|"
    r"收到)|(?:打|点|进|看|读|学|用|找|登)不(?:开|了|到|成|进去|上)|不能(?:看|读|学|用)|锁着|不见了|没了|"
    r"(?:在哪|去哪|从哪)|怎么(?:看|学|上课|打开|进去)|(?:还|又)(?:是|要|在|得|让|叫|我){1,4}再?(?:付|买|购))"
)
_SUPPORT = re.compile(
    rf"{_PAID}.{{0,20}}{_SHUT}"
    r"|(?:付款|支付|付钱|付费|扣款|下单|购买).{0,4}(?:失败|不了|不成功|出错|错误|没反应|没成功|异常|超时|"
    r"有问题|不上|出了?问题|卡住)"
    r"|付不了|付不出|(?:无法|不能|没法)(?:付款|支付|付钱|下单|购买|买课)|买不了课?"
    r"|(?:多|重复|又)扣|扣(?:多|重|错)|(?:付|扣|买|支付)(?:了)?(?:我)?(?:两|2|二|三|3|好几)[次笔遍]|重复(?:付|支付|购买)|"
    r"(?:付|买)重"
    r"|课(?:程)?.{0,4}(?:打不开|看不了|看不到|没开通|没打开|没到|进不去|学不了|不见了|找不到|没了|消失)"
    r"|(?:打不开|看不了|进不去|找不到|收不到|没收到)(?:我的?|买的)?(?:课|视频|链接|订单|收据)"
    r"|(?:视频|链接|付费部分|付款码|二维码).{0,3}(?:打不开|看不了|失效|过期)"
    r"|^(?:我|微信|账号|怎么|一直|为什么){0,4}(?:登[录陆]不(?:上|了|进去)|登不(?:上|进)去?|登[录陆]失败)"
    r"|^(?:为什么|怎么|一直|还是|我|都){0,3}(?:打不开|看不了|进不去|学不了|用不了|没反应)(?:了|啊|怎么办|"
    r"怎么回事)?$"
    r"|验证码.{0,4}(?:收不到|没收到|没来|不对)"
)
_ORDERS = re.compile(
    r"(?:取消|撤销|删除?|查看?|修改)(?:一下)?(?:我的?|这个|那个)?[订定]单|[订定]单.{0,4}(?:取消|撤销|状态|"
    r"在哪|错了|不对|"
    r"不见了|没付|待支付|过期)|^我的?[订定]单|^(?:这个|那个|上个|刚才的)[订定]单|不想?要.{0,4}[订定]单"
)
_INVOICE = re.compile(
    rf"^(?!.*(?:{_CRAFT_OF_PAPERS})).*(?:发票|开票|专票|普票|报销(?:凭证|单|吗)|(?:能|可以|怎么|可)报销|抬头)"
)
_DISCOUNT = re.compile(
    r"优惠(?!算)|打[一二三四五六七八九\d.]?折|折扣|折吗|砍价|讲价|促销|满减|"
    r"(?:有|搞|做)(?:没有|什么|啥)?活动(?:吗|么|价)?$|会员价|学生价|红包吗|便宜(?:一?点|些)?(?:吗|呗|吧|"
    r"行吗|行不行)$"
)
_INSULT = re.compile(
    r"傻[逼比bx叉屌]|煞笔|沙比|\bsb\b|他妈|妈的|尼玛|你妈|操你|草你|cnm|nmsl|去死|滚(?:蛋|开|远点|出去)|"
    r"^你?快?滚[吧!]?$|"
    r"^垃圾(?:!|$|公众号|课|玩意|东西|客服|平台)|(?:真|太|是|就是|都是|什么)(?:个)?垃圾(?!回收|收集|邮件|"
    r"短信|分类|桶|"
    r"数据)|废物|骗子|骗钱|骗人|坑人|坑钱|太坑|真坑|辣鸡|脑残|(?:白痴|弱智)(?!也|式|都|教程)|智障|神经病|"
    r"差评|蠢货|混蛋|王八蛋|"
    r"什么(?:破|烂|鬼|狗屁)|\bfuck|\bshit|有病吧|你有(?:毛)?病|黑心|割韭菜|不要脸|恶心"
)
# What a process may do as well, in the words of those who write programs.
_DEATH = re.compile(r"自[杀残尽]|想(?:去)?死(?!锁|循|磕|记|你|机)|suicid")
_DESPAIR = re.compile(
    r"轻生|寻死|不想(?:再)?活|活不下去|去死算了|死了算了|不如死了|"
    r"活着(?:好|真|太|很|都|还|也)?(?:没(?:有|什么|啥)?(?:意思|劲|意义|用)|好?累|痛苦|干嘛|为了什么)|"
    r"(?:人生|生活|活着).{0,4}(?:没有?|毫无)(?:意义|希望|盼头)|结束(?:我|自己|这)?的?(?:生命|一生)|"
    r"跳楼(?!价|机|大)|割腕|离开(?:这个?)?(?:世界|人世)|活下去的?(?:意义|勇气|理由|动力)|"
    r"安眠药|伤害自己|kill myself|want to die"
)
_MACHINE = r"进程|线程|协程|容器|pod|脚本|守护|redis|k8s|节点|实例|程序"
_MACHINE_BEFORE = re.compile(rf"(?:{_MACHINE}).{{0,8}}$")
_MACHINE_BEHIND = re.compile(rf".{{0,4}}(?:{_MACHINE})")
_ONESELF = re.compile(r"我.{0,3}$")
_NEAR = 14  # characters around a word that tell whose death it is

LONGEST = 60  # characters; a worry is short, and what is longer tells of something else


def despair(said: str) -> bool:
    """Whether somebody may be in danger; looked for in the whole of a text.

    Only a word that machines use too is weighed by its neighbours: 子进程自杀 is none, but whoever writes of
    scripts may be in despair.
    """
    signs = frozenset(said)
    if _ANY_DESPAIR.may_fit(signs) and _DESPAIR.search(said):
        return True
    deaths = _DEATH.finditer(said) if _ANY_DEATH.may_fit(signs) else ()
    return any(_is_a_persons(said, *word.span()) for word in deaths)


def _is_a_persons(said: str, begin: int, end: int) -> bool:
    before, behind = said[max(0, begin - _NEAR) : begin], said[end : end + _NEAR]
    if _ONESELF.search(before):
        return True
    return not (_MACHINE_BEFORE.search(before) or _MACHINE_BEHIND.match(behind))


def worry(said: str) -> str:
    """The intent of a sentence about money, access or anger; empty when it is about none."""
    signs = frozenset(said)
    if _ANY_REFUND.may_fit(signs) and _REFUND.search(said):
        not_ours = _OF_OTHERS.search(said) and "课" not in said
        return "" if not_ours or _MAKING_REFUNDS.search(said) else REFUND
    if len(said) > LONGEST:
        return ""
    may = [(name, quick.pattern) for name, quick in _TOLD if quick.may_fit(signs)]
    # 能开发票吗 holds 开发 by the chance of its characters.
    if not may or _CRAFT.search(said.replace("开发票", "发票")):
        return ""
    return next((name for name, told in may if told.search(said)), "")


_ANY_REFUND, _ANY_DESPAIR, _ANY_DEATH = Quick(_REFUND), Quick(_DESPAIR), Quick(_DEATH)
_TOLD = (
    (INVOICE, Quick(_INVOICE)),
    (SUPPORT, Quick(_SUPPORT)),
    (ORDERS, Quick(_ORDERS)),
    (DISCOUNT, Quick(_DISCOUNT)),
    (COMPLAINT, Quick(_INSULT)),
)
