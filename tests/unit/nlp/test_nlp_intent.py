import pytest

from nlp import Librarian

SAYINGS = {
    "choose": "1|9|第2个|第二个|2.|２|第２个|2、|第二门|我要看第三个|选1|第十个|1号|第2个怎么样|第一个吧|"
    "看看第二个|第一门课多少钱|第二个多少钱|第2个难吗|1多少钱|1和2有什么区别|"
    "第1个和第2个哪个好|1和2哪个好|对比1和2",
    "buy": "买 2|买2|购买第2个|买第二个|我要买2|我想买第2个|购买 Python爬虫从零到一|我要买 Python 爬虫|"
    "下单 1|"
    "报名第三个|买|购买|我要买|就买这个|买它|买 3 号|第二个我要买|买《Python 爬虫》|"
    "买 1、2|买1和2|1和2都买|两门都买|都要|全买|buy 1",
    "more": "更多|还有吗|还有别的吗|换一批|下一页|再来几个|其他的呢|还有其他课程吗|都不想要，换一批|"
    "一门都不合适|都不合适|这些都不合适|没有合适的|都看过了，还有吗|不喜欢，换几个|没有喜欢的，再来几个|我不喜欢这些",
    "mine": "我的课程|我的课|我买的课|已购课程|我买过哪些课|我买了什么课|我有哪些课",
    "resume": "继续|继续学习|接着学|上次学到哪了|下一课|我想继续学",
    "orders": "我的订单|订单|查订单|购买记录|查询我的订单|订单查询|"
    "取消订单|怎么取消订单|订单怎么取消|我的定单|查定单|我的订单怎么没了",
    "support": "我付了钱课没打开|付款失败了怎么办|付了没开通|扣了钱没有课|支付不了|付不了款|重复扣款了|"
    "买了课在哪里看|课程打不开|买的课不见了|为什么付款后看不了|付了两次|无法支付|登录不上",
    "invoice": "能开发票吗|发票|发票怎么开|我要发票|开发票|可以开专票吗|能报销吗",
    "discount": "有优惠吗|优惠券|打折|能打折吗|有没有折扣|学生优惠|有活动吗|爬虫课有优惠吗",
    "who": "你叫什么名字|你是谁|你是机器人吗|你是真人吗|你是不是机器人|你叫啥|怎么称呼",
    "crisis": "我要自杀|不想活了|活着没意思|我想死|活不下去了|活着好累|我要自殺|写脚本写到不想活了|"
    "不想活了，容器里都是安眠药|程序写得我想死|代码写不完，想自杀",
    "complaint": "傻逼|你们是骗子|垃圾|滚|什么破公众号|太坑了|割韭菜",
    "refund": "退款|我要退款|想退款|怎么退款|可以退款吗|申请退款|退钱|我买的爬虫课想退款|能退吗|买错了能退吗|"
    "钱什么时候退回来|退课|"
    "不想学了能退钱吗|在淘宝付的钱，课能退吗",
    "about": "怎么买|如何付款|哪门课最好|这门课多少钱|这个怎么样|能用支付宝吗|学了有证书吗|哪个好|"
    "买了之后永久有效吗|苹果手机能看吗|how much is this course?|price?|你好，请问有试听吗",
    "help": "帮助|help|怎么用|菜单|？|你能做什么",
    "greeting": "你好|在吗|hi|Hello|早上好|您好！|你好啊|你好，在吗",
    "thanks": "谢谢|好的谢谢|thx|谢谢老师|好的|知道了|哦|太棒了|厉害|哈哈|666|牛",
    "human": "人工|转人工|客服|找客服|我要投诉|人工客服|联系客服|老师在吗|你们老师微信多少",
    "recommend": "推荐|推荐课程|有什么课|有哪些课程|推荐几门课|随便看看|学什么好|热门课程|不知道学什么|"
    "我想学习|课程|"
    "免费的|便宜点的|200以内|推荐几门免费的课|零基础|最贵的课|最便宜的课|最短的",
    "ask": "微信支付退款接口怎么写|退款系统怎么设计|想学爬虫，零基础|Python|持续集成怎么做|"
    "订单系统怎么做|我的代码报错了|"
    "菜单怎么用css写|客服机器人怎么做|帮助文档怎么写|第一次学编程|推荐系统怎么做|更多Python课|"
    "react hooks|2048游戏怎么写|发票识别怎么做|批量整理发票|支付回调失败怎么处理|优惠券系统设计|"
    "垃圾回收机制|垃圾邮件分类|最短路径算法|进程自杀怎么查|想死锁是怎么发生的|优惠算法|回滚",
    "offtopic": "今天天气|讲个笑话|asdfgh|想学做菜|红烧肉怎么做|附近的酒店|😀😀|...|！！！|"
    "房东不退押金怎么办",
}


@pytest.mark.parametrize(
    ("intent", "text"), [(intent, text) for intent, texts in SAYINGS.items() for text in texts.split("|")]
)
def test_a_saying_is_understood(sample: Librarian, intent: str, text: str) -> None:
    assert sample.read(text).intent == intent


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("第2个", 2),
        ("第二个", 2),
        ("2.", 2),
        ("９", 9),
        ("买 2", 2),
        ("买2", 2),
        ("购买第2个", 2),
        ("第十二个", 12),
        ("我想买第三个", 3),
        ("选一", 1),
        ("买第十个", 10),
    ],
)
def test_a_place_in_the_list_is_understood(small: Librarian, text: str, number: int) -> None:
    assert small.read(text).number == number


@pytest.mark.parametrize(
    "text", ["购买 Python 爬虫", "我要买Python 爬虫", "买《Python 爬虫》", "购买 Python 爬虫这门课"]
)
def test_a_course_is_bought_by_its_name(small: Librarian, text: str) -> None:
    reading = small.read(text)
    assert (reading.intent, reading.name) == ("buy", "python 爬虫")
    assert small.called(reading.name)[0].id == "crawler"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("购买 做菜会员", "做菜会员"),
        ("我要买做菜会员", "做菜会员"),
        ("买租房合同看得懂", "租房合同看得懂"),
        ("购买 家常菜", "家常菜"),
    ],
)
def test_a_course_on_goods_is_bought_by_its_name(small: Librarian, text: str, name: str) -> None:
    reading = small.read(text)
    assert (reading.intent, reading.name) == ("buy", name)


@pytest.mark.parametrize(
    "text",
    ["买什么服务器好", "怎么买服务器", "买不起", "买菜", "买房", "我想买车", "买火车票", "买菜做饭"],
)
def test_talk_of_buying_other_things_buys_nothing(small: Librarian, text: str) -> None:
    assert small.read(text).intent != "buy"


@pytest.mark.parametrize(
    "text", ["看" * 2000, "买" * 2000, "我要" * 900 + "x", "推荐" * 1000, "(" * 2000, "1" * 2000]
)
def test_a_long_message_of_a_button_s_words_is_no_button(small: Librarian, text: str) -> None:
    """A rule that tries every way to split such a text would never come back."""
    assert small.read(text).intent in ("ask", "offtopic", "recommend")
