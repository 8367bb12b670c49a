"""Every page that there is to look at, and who looks: for whatever goes from page to page in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from handlers.gifts import MOST_TRIES
from tests.browser.conftest import PATIENCE_MS
from tests.flows.courses import CRAWLER, PANDAS, write_course, write_courses, write_offer
from tests.flows.follower import WECHAT_BROWSER, Follower
from tests.flows.test_scan_login import Computer
from tests.flows.town import Town, open_town

COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
PICTURE = Path(__file__).resolve().parents[2] / "handlers" / "web" / "static" / "share.png"
RICH = """\
---
title: 什么都有的一课
free: true
---
## 代码和表格

```python
def hello(name: str) -> str:  # 一行很长的注释，长到手机上放不下，要在自己的框里横着滚动才看得完
    return f"你好，{name}"
```

| 一 | 二 | 三 | 四 | 五 | 六 |
|---|---|---|---|---|---|
| 很长的格子内容 | 很长的格子内容 | 很长的格子内容 | 很长的格子内容 | 很长的格子内容 | 很长的格子内容 |

- [x] 做完了
- [ ] 还没做

> [!tip] 提示
> 有用的话。

> [!warning] 小心
> 会丢数据的 `rm -rf`。

> [!danger]- 危险
> 点开才看见。

> [!note] 说明
> 看[这里](https://example.com)。

$$\\int_0^1 x^2 + y^2 + z^2 + a^2 + b^2 + c^2 + d^2 + e^2 + f^2 + g^2 + h^2 + i^2 + j^2 dx = \\frac{1}{3}$$

```mermaid
sequenceDiagram
  participant A as 浏览器
  participant B as 服务器
  A->>B: 请求
  B-->>A: 回应
```

```python {linenos hl_lines="2" title="app.py"}
first = 1
second = 2
```

> [!quiz] 一加一等于几？
> - [x] 二
> - [ ] 三
>
> 解析：数一数。

![一本书](pictures/free.png)
"""


@dataclass(frozen=True)
class Visit:
    """A page to look at: who looks, with which browser, what is tapped before, and what its status is.

    ``faults``: what the platform does wrong meanwhile. ``posted_from_elsewhere``: another site's form leads
    there.
    """

    path: str
    who: str = "stranger"
    agent: str = COMPUTER
    taps: tuple[str, ...] = ()
    status: int = 200
    faults: tuple[str, ...] = ()
    posted_from_elsewhere: bool = False


VISITS: Mapping[str, Visit] = {
    "shelf": Visit("/courses"),
    "shelf-open-filter": Visit("/courses", taps=("text=价格",)),
    "shelf-filtered": Visit("/courses?q=爬虫&level=beginner&price=100"),
    "shelf-empty": Visit("/courses?tag=Git&level=advanced"),
    "course": Visit("/courses/crawler-one"),
    "course-owned": Visit("/courses/crawler-one", "owner"),
    "course-of-a-member": Visit("/courses/mysql-one", "member"),
    "bundle": Visit("/courses/pair"),
    "membership": Visit("/courses/club", "member"),
    "lesson-free": Visit("/courses/rich/rich"),
    "lesson-outline": Visit("/courses/crawler-one/start", taps=("text=目录",)),
    "lesson-look": Visit("/courses/crawler-one/start", taps=("text=Aa",)),
    "lesson-picture": Visit("/courses/rich/rich", taps=("role=button[name='看大图 一本书']",)),
    "lesson-locked": Visit("/courses/crawler-one/work"),
    "lesson-waits": Visit("/courses/slow/work", "member"),
    "lesson-owned": Visit("/courses/crawler-one/work", "owner"),
    "pay-in-wechat": Visit("/pay/{open}", "buyer", WECHAT_BROWSER),
    "pay-on-a-computer": Visit("/pay/{open}", "buyer"),
    "pay-on-a-phone": Visit("/pay/{open}?back=1", "buyer", IPHONE),
    "paid": Visit("/pay/{paid}", "owner"),
    "gift-bought": Visit("/pay/{gift_order}", "owner"),
    "gift": Visit("/gift/{gift}", "buyer"),
    "gift-code": Visit("/gift?code=abc"),
    "me-empty": Visit("/me", "newcomer"),
    "me": Visit("/me", "owner"),
    "me-member": Visit("/me", "member"),
    "gift-unknown": Visit("/gift/AAAAAAAAAAAAAAAA", "buyer", status=404),
    "not-found": Visit("/courses/never-there", status=404),
    "gone": Visit("/courses/ended", status=410),
    "refused": Visit("/courses/crawler-one/buy", "buyer", status=403, posted_from_elsewhere=True),
    "too-often": Visit("/gift/AAAAAAAAAAAAAAAA", "hasty", status=429),
    "wait": Visit("/pay/{unlucky}/h5", "buyer", IPHONE, status=503, faults=("prepay_error",)),
    "login-by-scanning": Visit("/login/qr?to=/me"),
    "login-question": Visit("{scan}", "member", WECHAT_BROWSER),
    "sandbox": Visit("{platform}/"),
    "sandbox-screen": Visit("{platform}/desktop"),
}


@dataclass
class People:
    """The followers of the visits, and what their addresses need."""

    town: Town
    followers: dict[str, Follower]
    names: dict[str, str]

    def address(self, visit: Visit) -> str:
        names = {**self.names, "platform": self.town.platform.url}
        if "{scan}" in visit.path:
            names["scan"] = Computer(self.town).open_code()  # it does not live long
        path = visit.path.format(**names)
        return path if path.startswith("http") else self.town.url + path


@contextmanager
def people_at(folder: Path, platform_keys: Mapping[str, Any]) -> Iterator[People]:
    """A town of its own with all that there is to see."""
    root = write_courses(folder / "courses")
    rich = write_course(root, "rich", title="丰富的课", summary="什么都有", tags="丰富")
    (rich / "04-rich.md").write_text(RICH, encoding="utf-8")
    (rich / "pictures" / "free.png").write_bytes(PICTURE.read_bytes())
    write_offer(root, "pair", "双课套餐", "两门一起", "129.00", "[crawler-one, crawler-two]", "forever")
    write_offer(root, "club", "全站会员", "都能看", "599.00", "all", "365d")
    _add_key(
        write_course(root, "ended", title="卖完的课", summary="停了", tags="停"), "expiryDate: 2020-01-01"
    )
    _add_key(write_course(root, "slow", title="慢慢开的课", summary="慢", tags="慢"), "drip: 30d")
    with open_town(folder, platform_keys, root) as town:
        yield _settled(town)


def _add_key(course: Path, line: str) -> None:
    index = course / "_index.md"
    index.write_text(index.read_text("utf-8").replace("refund:", f"{line}\nrefund:"), encoding="utf-8")


def _settled(town: Town) -> People:
    """Somebody who bought, somebody who is about to, a member, a newcomer, and one who tries too often."""
    names = ("owner", "buyer", "member", "newcomer", "hasty")
    who = {name: town.new_follower().log_in() for name in names}
    paid = who["owner"].buy(CRAWLER)
    gift_order, gift = who["owner"].buy_gift(PANDAS)
    who["owner"].get("/courses/crawler-one/start")
    who["member"].buy("全站会员")
    opened, unlucky = who["buyer"].order_of(PANDAS), who["buyer"].order_of(CRAWLER)
    for _ in range(MOST_TRIES):
        who["hasty"].get("/gift/AAAAAAAAAAAAAAAA")
    needed = {"paid": paid, "open": opened, "unlucky": unlucky}
    return People(town, who, needed | {"gift_order": gift_order, "gift": gift.replace("-", "")})


def browser_of(chromium: Browser, people: People, visit: Visit, scheme: Any) -> BrowserContext:
    """A browser that is logged in as who visits."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", color_scheme=scheme, user_agent=visit.agent
    )
    context.set_default_timeout(PATIENCE_MS)
    context.route("https://res.wx.qq.com/**", lambda route: route.abort())
    if visit.who in people.followers:
        kept = people.followers[visit.who].web.cookies
        context.add_cookies(
            [{"name": one.name, "value": str(one.value), "url": people.town.url} for one in kept]
        )
    return context


def shown(context: BrowserContext, people: People, visit: Visit) -> Page:
    """The page, which is the one that was meant."""
    page, address = context.new_page(), people.address(visit)
    people.town.faults(**dict.fromkeys(visit.faults, True))
    if visit.posted_from_elsewhere:
        page.set_content(f'<form method="post" action="{address}"><button>Win!</button></form>')
        with page.expect_navigation() as arrival:
            page.get_by_role("button").click()
        status = arrival.value.status
    else:
        answer = page.goto(address)
        status = answer.status if answer else 0
    people.town.faults()
    assert status == visit.status
    for tap in visit.taps:
        page.locator(tap).first.click()
    return page
