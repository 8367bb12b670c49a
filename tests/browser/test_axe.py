"""axe-core over every page, by day and by night, on a phone's screen: nothing beyond trifles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import PATIENCE_MS
from tests.flows.courses import CRAWLER, PANDAS, write_course, write_courses, write_offer
from tests.flows.follower import WECHAT_BROWSER, Follower
from tests.flows.town import Town, open_town

pytestmark = pytest.mark.chromium

COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
)
GRAVE = ("moderate", "serious", "critical")
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
    """A page to look at: who looks, with which browser, and what is tapped before axe looks."""

    path: str
    who: str = "stranger"
    agent: str = COMPUTER
    taps: tuple[str, ...] = ()


VISITS = {
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
    "not-found": Visit("/courses/never-there"),
    "login-by-scanning": Visit("/login/qr?to=/me"),
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
        path = visit.path.format(platform=self.town.platform.url, **self.names)
        return path if path.startswith("http") else self.town.url + path


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, platform_keys: dict[str, Any]) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("axe")
    root = write_courses(folder / "courses")
    rich = write_course(root, "rich", title="丰富的课", summary="什么都有", tags="丰富")
    (rich / "04-rich.md").write_text(RICH, encoding="utf-8")
    (rich / "pictures" / "free.png").write_bytes(PICTURE.read_bytes())
    write_offer(root, "pair", "双课套餐", "两门一起", "129.00", "[crawler-one, crawler-two]", "forever")
    write_offer(root, "club", "全站会员", "都能看", "599.00", "all", "365d")
    with open_town(folder, platform_keys, root) as town:
        yield settled(town)


PICTURE = Path(__file__).resolve().parents[2] / "handlers" / "web" / "static" / "share.png"


def settled(town: Town) -> People:
    """Somebody who bought, somebody who is about to, a member, and a newcomer."""
    who = {name: town.new_follower().log_in() for name in ("owner", "buyer", "member", "newcomer")}
    paid = who["owner"].buy(CRAWLER)
    gift_order, gift = who["owner"].buy_gift(PANDAS)
    who["owner"].get("/courses/crawler-one/start")
    who["member"].buy("全站会员")
    opened = who["buyer"].order_of(PANDAS)
    names = {"paid": paid, "open": opened, "gift_order": gift_order, "gift": gift.replace("-", "")}
    return People(town, who, names)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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
    page = context.new_page()
    page.goto(people.address(visit))
    for tap in visit.taps:
        page.locator(tap).first.click()
    return page


@pytest.mark.parametrize("name", VISITS)
def test_no_page_has_a_fault_that_matters(chromium: Browser, people: People, scheme: str, name: str) -> None:
    context = browser_of(chromium, people, VISITS[name], scheme)
    page = shown(context, people, VISITS[name])
    violations = Axe().run(page).response["violations"]
    context.close()
    grave = [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in violations
        for node in one["nodes"]
        if one["impact"] in GRAVE
    ]
    assert grave == []


def test_the_look_finds_what_is_wrong(chromium: Browser) -> None:
    """Should axe ever stop looking, every page would seem right."""
    page = chromium.new_page()
    page.set_content('<html><body><img src="x.png"><p style="color: #ccc">grau</p><input></body></html>')
    found = {one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in GRAVE}
    page.close()
    assert {"image-alt", "color-contrast", "label", "html-has-lang"} <= found
