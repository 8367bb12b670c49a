"""Texts of `content new` that stand for the creator's own. A course that still has one is not for sale."""

from __future__ import annotations

from content.fields import normal
from content.frontmatter import FrontMatter
from content.problem import Findings

NAME = "给课程起个名字"
LESSON = "给这一课起个标题"
SUMMARY = "用一句话告诉读者：学完能做成什么"
TAGS = ("标签一", "标签二")
TEACHER = "你的名字"
PAGE = "这里是课程介绍页，所有人都能看到。写写："
LEAD = "上面那一行注释以前的部分会作为导语；不需要就删掉它。"
HEADING = "小标题从两个井号开始"
PICTURES = "图片放在课程文件夹里，用相对路径引用；要链接到别的课时，写它的文件名："
TRIAL = "分界线以上是免费的试读部分，写一两段，让读者知道这一课要解决什么。"
PAID = "分界线以下只有买了课程的人能看到。没有分界线、也没写 free: true 的课时，整课都是付费的。"

_KEYS = {
    "title": ((NAME, LESSON), "写上自己的标题，读者在列表和聊天里先看到它"),
    "summary": ((SUMMARY,), "写一句自己的简介，说清学完能做成什么"),
    "tags": (TAGS, "写上读者会搜的词，例如 [爬虫, Python]；不需要就删掉这一行"),
    "teacher": ((TEACHER,), "写上老师的名字；不想写就删掉这一行"),
}
BODY = (PAGE, LEAD, HEADING, PICTURES, TRIAL, PAID)
_BODY_HINT = "换成你自己的内容；还没写好，就先在 _index.md 的文件头里留着 draft: true"


def note_placeholders(front: FrontMatter, findings: Findings) -> None:
    """An error for each key that still has the sample's text, and one for the text below."""
    for key, (samples, hint) in _KEYS.items():
        value = front.values.get(key)
        written = {normal(text) for text in (value.text, *(value.items or ()))} if value else set()
        left = next((sample for sample in samples if sample in written), None)
        if value and left:
            findings.error(value.line, f"{key} 还是样板里的“{left}”", hint)
    if not any(sample in front.body for sample in BODY):
        return
    for line, text in enumerate(front.body.split("\n"), start=front.body_line):
        if any(sample in text for sample in BODY):
            # One is enough: what is below it is read again after it was mended.
            findings.error(line, f"这里还是样板里的文字：“{text.strip()[:20]}…”", _BODY_HINT)
            return
