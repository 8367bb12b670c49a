"""The few words that rendering itself adds to a text, and that followers read."""

from __future__ import annotations

from collections.abc import Mapping

# The kinds of callouts: GitHub's five and Obsidian's, each with the family whose look it has and its title.
CALLOUTS: Mapping[str, tuple[str, str]] = {
    "note": ("note", "说明"),
    "info": ("note", "说明"),
    "abstract": ("note", "摘要"),
    "summary": ("note", "小结"),
    "tldr": ("note", "一句话"),
    "todo": ("note", "待办"),
    "tip": ("tip", "小技巧"),
    "hint": ("tip", "提示"),
    "success": ("tip", "完成"),
    "check": ("tip", "完成"),
    "done": ("tip", "完成"),
    "important": ("important", "重点"),
    "question": ("question", "想一想"),
    "help": ("question", "想一想"),
    "faq": ("question", "常见问题"),
    "warning": ("warning", "注意"),
    "attention": ("warning", "注意"),
    "caution": ("danger", "小心"),
    "danger": ("danger", "小心"),
    "error": ("danger", "错误"),
    "failure": ("danger", "失败"),
    "fail": ("danger", "失败"),
    "missing": ("danger", "缺少"),
    "bug": ("danger", "缺陷"),
    "example": ("example", "例子"),
    "quote": ("quote", "引用"),
    "cite": ("quote", "引用"),
}

QUIZ_ONE = "单选"
QUIZ_MANY = "多选"
QUIZ_HINT = "给点提示"
QUIZ_ANSWER = "看答案"
QUIZ_RIGHT = "正确答案："

VIDEO = "看视频"
EMBED_LOCKED = "这部分内容在《{title}》里，购买后可以读。"
EMBED_MORE = "后面的内容在《{title}》里。"
EMBED_LATER = "这部分内容在《{title}》里，到时候开放。"
EMBED_FROM = "摘自"
DIAGRAM = "示意图"
