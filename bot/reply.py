"""What a reply may look like: text within WeChat's limits, links, taps; and its XML.

Replies are WeRoBot's data. Its templates put text into CDATA as it is, so everything is cleaned here first.
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from werobot.replies import Article, ArticlesReply, TextReply, TransferCustomerServiceReply, WeChatReply

# Seen in practice; the documentation names a limit for customer messages only.
MAX_TEXT_BYTES = 2048
ELLIPSIS = "…"

# XML 1.0 has no way to write these, not even as a character reference; half a surrogate pair is not text.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Also one whose end tag was cut through.
_OPEN_LINK = re.compile(r"<a [^<]*(?:<[^>]*)?$|<[^<>]*$")
_JOINER = "\u200d"  # ties an emoji to the next one
# Belongs to the character before it: a skin tone, the letters of a flag's country, a joiner itself.
_FOLLOWERS = re.compile("[\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+$")
_TEXT = (
    b"<xml><ToUserName><![CDATA[%b]]></ToUserName><FromUserName><![CDATA[%b]]></FromUserName>"
    b"<CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[%b]]></Content></xml>"
)


def link(url: str, label: str) -> str:
    """A link in a text reply. Raises ValueError for an address that is not http(s)."""
    if not url.startswith(("https://", "http://")):
        raise ValueError("a link in a reply leads to http(s) only")
    return f'<a href="{_attribute(url)}">{_label(label)}</a>'


def tap(text: str, label: str, *, tap_id: str = "1") -> str:
    """A link that, when tapped, sends ``text`` as the follower's own message."""
    href = f"weixin://bizmsgmenu?msgmenucontent={_value(text)}&msgmenuid={_value(tap_id)}"
    return f'<a href="{href}">{_label(label)}</a>'


def to_customer_service(message: Any) -> WeChatReply:
    """Hands the message to the account's customer service; the follower sees nothing of it.

    Where nobody serves there, the message lies in the account's backend and nowhere else.
    https://developers.weixin.qq.com/doc/offiaccount/Customer_Service/Forwarding_of_messages_to_service_center.html
    """
    return TransferCustomerServiceReply(message=message)


def clean(text: str) -> str:
    """The text without what XML cannot hold; everything else, emoji and right-to-left included, stays."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")  # as each reader of XML would
    return _UNWRITABLE.sub("", text)


def cut(text: str, limit: int = MAX_TEXT_BYTES) -> str:
    """The text within ``limit`` bytes of UTF-8: whole lines, and a line "…" for what was left out."""
    if len(text) * 4 <= limit or len(text.encode()) <= limit:
        return text
    text = text.lstrip()
    room = limit - len(f"\n{ELLIPSIS}".encode())
    kept: list[str] = []
    for line in text.split("\n"):
        room -= len(line.encode()) + bool(kept)
        if room < 0:
            break
        kept.append(line)
    start = "\n".join(kept).rstrip() or _cut_line(text.split("\n", 1)[0], limit)
    return f"{start}\n{ELLIPSIS}"


def render(reply: WeChatReply) -> bytes:
    """The XML of a reply as it goes out and is kept, whatever text it holds."""
    if isinstance(reply, TextReply):
        args = reply._args
        content = _content(str(args["content"]))
        return _TEXT % (_bare(args["target"]), _bare(args["source"]), int(args["time"]), content)
    return _render_safely(reply).encode()


def as_text(reply: WeChatReply) -> str:
    """A reply as the text of a customer-service message; "" when it has none."""
    if isinstance(reply, TextReply):
        return cut(clean(str(reply._args["content"])))
    if isinstance(reply, ArticlesReply):
        lines = [line for item in reply._articles for line in (item.title, item.description, item.url)]
        return cut(clean("\n".join(filter(None, lines))))
    return ""


def _render_safely(reply: WeChatReply) -> str:
    """Renders by the library's template with its data made safe for the while; the data stays as it was."""
    args, articles = reply._args, getattr(reply, "_articles", None)
    reply._args = {name: _cdata(value) for name, value in args.items()}
    try:
        if isinstance(reply, ArticlesReply):
            reply._articles = [Article(*map(_cdata, item)) for item in reply._articles]
        return str(reply.render())
    finally:
        reply._args = args
        if articles is not None:
            reply._articles = articles


def _cut_line(line: str, limit: int) -> str:
    """A first line that is too long by itself: whole characters, and no half of a link."""
    room = limit - len(f"\n{ELLIPSIS}".encode())
    start = line.encode()[:room].decode("utf-8", "ignore")
    following = line[len(start) : len(start) + 1]
    while start and _tied(start, following):
        start, following = start[:-1], start[-1]
    return _OPEN_LINK.sub("", start)


def _tied(start: str, following: str) -> bool:
    """Whether a cut here would go through what readers see as one character."""
    if start[-1] == _JOINER or _FOLLOWERS.match(following):
        return True
    if following and unicodedata.category(following).startswith("M"):
        return True
    # Flags are pairs of letters; the pairs count from where the letters begin.
    letters = _FLAG_LETTERS.search(start)
    return letters is not None and len(letters[0]) % 2 == 1 and _FLAG_LETTERS.match(following) is not None


def _cdata(value: Any) -> Any:
    return clean(value).replace("]]>", "]]]]><![CDATA[>") if isinstance(value, str) else value


@lru_cache(maxsize=256)
def _content(text: str) -> bytes:
    """Many are told the same, so what they are told is mostly known."""
    return str(_cdata(cut(clean(text)))).encode()


def _bare(name: Any) -> bytes:
    """An openid or an account: it came in by XML, so it may hold anything that text may."""
    name = str(name)
    return (name if name.isprintable() and "]" not in name else str(_cdata(name))).encode()


def _attribute(url: str) -> str:
    # Percent signs, not entities: it is not documented whether WeChat undoes entities in an href.
    return quote(clean(url), safe="%:/?#[]@!$&()*+,;=~-._")


def _value(text: str) -> str:
    """Chinese stays readable in the address, as in WeChat's own example; only signs with a meaning change."""
    return "".join(quote(sign) if sign in "\"'<>&#%+ \n\t" else sign for sign in clean(text))


def _label(label: str) -> str:
    return clean(label).replace("<", "＜").replace(">", "＞").replace("\n", " ")
