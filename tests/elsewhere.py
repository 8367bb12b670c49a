"""Small sources of every kind that can be imported, as those tools make them."""

# ruff: noqa: E501 - texts as they stand in files
from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OTHER_PNG = PNG + b"\x00"  # another picture, for programs that look at the bytes

Files = Mapping[str, str | bytes]


def write(folder: Path, files: Files) -> Path:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


MARKDOWN: Files = {
    "README.md": "# 家常菜入门\n\n三节课，从刀工到上桌。\n\n先看 [第一课](01-刀工.md)。\n",
    "01-刀工.md": "# 第一课：刀工\n\n先把刀磨快。\n\n![刀](img/刀 工.png)\n![刀](<img/刀 工.png>)\n\n## 磨刀石\n\n很硬。\n",
    "02-火候/README.md": "# 火候\n",
    "02-火候/1-小火.md": "---\ntags: [火候, 炖]\n---\n# 小火慢炖\n\n见 [磨刀石](../01-刀工.md#磨刀石)。\n\n![锅](../img/pan.png)\n",
    "02-火候/10-大火.md": "大火爆炒。\n\n:::tip 记住\n油要热。\n:::\n\n![远](https://example.org/far.png)\n",
    "02-火候/2-中火.md": '# 中火\n\n[菜谱](菜谱.pdf) 和 <img src="../img/pan.png" alt="锅">\n',
    "img/刀 工.png": PNG,
    "img/pan.png": OTHER_PNG,
    "LICENSE.md": "MIT\n",
}

HUGO: Files = {
    "hugo.toml": 'baseURL = "https://blog.example.org/"\ntitle = "小林的爬虫课"\n',
    "archetypes/default.md": '+++\ndate = "{{ .Date }}"\n+++\n',
    "content/_index.md": "---\ntitle: 小林的爬虫课\ndescription: 把网页变成表格\n---\n欢迎。\n",
    "content/posts/_index.md": "+++\ntitle = '爬虫'\n+++\n",
    "content/posts/hello.md": (
        '+++\ntitle = "先抓一页"\ndate = 2023-01-02T10:00:00+08:00\ntags = ["爬虫", "Python"]\n+++\n\n'
        "开头。\n\n<!--more-->\n\n"
        '{{< figure src="/images/a.png" alt="结果" caption="抓到的表格" >}}\n\n'
        '{{< highlight python "linenos=table" >}}\nprint("{{< not-a-tag >}}")\n{{< /highlight >}}\n\n'
        '看 [环境]({{< ref "setup/index.md#venv" >}})、[旧文](/posts/setup/)、[关于](/about/)。\n\n'
        '{{< youtube w7Ft2ymGmfc >}}\n\n{{< tweet user="SanDiegoZoo" id="1453110110599868418" >}}\n\n'
        "```go\n{{</* figure */>}}\n```\n"
    ),
    "content/posts/setup/index.md": (
        "---\ntitle: 装好环境\ndate: 2023-02-02\nslug: ready\ndraft: true\n---\n## 虚拟环境 {#venv}\n\n![图](a.png)\n"
    ),
    "content/posts/setup/a.png": OTHER_PNG,
    "content/posts/later.md": (
        '---\ntitle: "翻页"\ndate: 2023-03-03\n---\n{{% notice warning "慢一点" %}}\n别太快。\n{{% /notice %}}\n\n![矢量](/images/b.svg)\n'
    ),
    "static/images/a.png": PNG,
    "static/images/b.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "public/index.html": "<html><body>built</body></html>",
}

HEXO: Files = {
    "_config.yml": "title: 阿文的笔记\ndescription: 从零写后端\nauthor: 阿文\nurl: https://awen.example\npermalink: :year/:month/:day/:title/\n",
    "source/_posts/first.md": (
        "title: 第一个接口\ndate: 2022/1/5 08:00:00\ncategories:\n  - 后端\ntags:\n  - Flask\n---\n\n"
        "先跑起来。\n\n<!-- more -->\n\n{% asset_img 接口.png 320 \"返回值 '接口返回'\" %}\n\n"
        "{% codeblock app.py lang:python %}\nprint('{% not a tag %}')\n{% endcodeblock %}\n\n"
        "{% note info 提示 %}\n记得 `pip install`\n{% endnote %}\n\n下一篇：{% post_link second 数据库 %}\n"
    ),
    "source/_posts/first/接口.png": PNG,
    "source/_posts/second.md": (
        "---\ntitle: 连上数据库\ndate: 2022-02-06 08:00:00\ntags: SQL, Flask\n---\n回到 [上一篇](/2022/01/05/first/)。\n\n"
        "{% blockquote 佚名, 手册 %}\n慢就是快\n{% endblockquote %}\n\n{% raw %}{{ user.name }}{% endraw %}\n\n"
        "{% mysterytag a b %}\n\n![db](/images/db.png)\n"
    ),
    "source/images/db.png": OTHER_PNG,
    "source/about/index.md": "---\ntitle: 关于\n---\n我。\n",
    "themes/next/README.md": "# NexT\n",
}

GITBOOK: Files = {
    "README.md": "---\ndescription: 一本讲 Git 的小书\n---\n# Git 小书\n\n给新人。\n",
    "SUMMARY.md": (
        "# Table of contents\n\n* [Git 小书](README.md)\n* [开始](start/README.md)\n  * [安装](start/install.md)\n"
        "    * [Windows 上](start/windows.md)\n  * [不存在](start/none.md)\n\n## 协作\n\n* [分支](team/branch.md)\n* [还没写]()\n"
    ),
    "start/README.md": "# 开始\n\n先装好。\n",
    "start/install.md": (
        '# 安装\n\n{% hint style="warning" %}\n**别**用旧版本\n{% endhint %}\n\n'
        '{% code title="a.sh" lineNumbers="true" %}\n```bash\ngit --version\n```\n{% endcode %}\n\n'
        '{% tabs %}\n{% tab title="mac" %}\nbrew\n{% endtab %}\n{% tab title="linux" %}\napt\n{% endtab %}\n{% endtabs %}\n\n'
        '{% embed url="https://git-scm.com/" %}\n\n'
        '<figure><img src="../.gitbook/assets/shot one.png" alt="窗口"><figcaption><p>装好了</p></figcaption></figure>\n\n'
        '{% content-ref url="windows.md" %}\n[windows.md](windows.md)\n{% endcontent-ref %}\n\n{% swagger src="api.yaml" %}\n'
    ),
    "start/windows.md": '# Windows 上\n\n## 路径 <a href="#path" id="path"></a>\n\n看 [分支](../team/branch.md)。\n',
    "team/branch.md": "# 分支\n\n回到 [封面](../README.md) 和 [路径](../start/windows.md#path)。\n",
    ".gitbook/assets/shot one.png": PNG,
}

MDBOOK: Files = {
    "book.toml": '[book]\ntitle = "Rust 小书"\nauthors = ["小周"]\nsrc = "src"\n',
    "src/SUMMARY.md": "# Summary\n\n[前言](preface.md)\n\n# 入门\n\n- [变量](ch01.md)\n    - [可变](ch01-01.md)\n- [没写完]()\n\n---\n\n[后记](end.md)\n",
    "src/preface.md": "# 前言\n\n写给你。\n",
    "src/ch01.md": "# 变量\n\n```rust,editable\n# fn main() {\nlet x = 1;\n# }\n```\n\n见 [可变](ch01-01.html)。\n",
    "src/ch01-01.md": "# 可变\n\n```rust\n{{#include ../listings/mut.rs:2:3}}\n```\n\n{{#include nothing.rs}}\n\n![图](img/x.png)\n",
    "src/end.md": "# 后记\n\n谢谢。\n",
    "src/img/x.png": PNG,
    "listings/mut.rs": "// one\nlet mut x = 1;\nx += 1;\n// four\n",
}

OBSIDIAN: Files = {
    ".obsidian/app.json": json.dumps({"attachmentFolderPath": "附件"}),
    ".obsidian/templates.json": json.dumps({"folder": "模板"}),
    "摄影课.md": "---\naliases: [目录]\ntags: [摄影/入门]\n---\n从 [[曝光]] 开始。\n",
    "1 曝光.md": (
        "---\ntags:\n  - 摄影\naliases:\n  - 曝光\ncreated: 2024-05-01\n---\n"
        "![[三角.png|300]]\n\n==快门==和光圈，见 [[2 构图#三分法|三分法]] 与 [[#感光度]]。%%不要给人看%%\n\n"
        "> [!tip]- 小窍门\n> 先拍再说\n\n## 感光度\n\n越低越好。 ^iso\n\n![[2 构图]]\n\n![[没有的图.png]]\n\n```dataview\nLIST\n```\n"
    ),
    "2 构图.md": "## 三分法\n\n把人放在 [[目录|线上]]，别信 [[不存在的笔记]]。`[[code]]`\n",
    "附件/三角.png": PNG,
    "模板/日记.md": "{{date}}\n",
    "画布.canvas": "{}",
}

ARTICLE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>浏览器标题 - 网站</title>
<meta property="og:title" content="怎么写周报"><meta name="description" content="三步写完"><meta name="author" content="小周">
<style>p{color:red}</style></head><body><nav><a href="/">首页</a></nav>
<article><h1>怎么写周报</h1><p>开头 &lt;b&gt;不是标签&lt;/b&gt; 1*2*3 &lt;!--members-only--&gt;</p>
<h2>先列事实</h2><p>一条<strong>一行</strong>，<a href="#end">看结尾</a>。</p>
<pre class="language-python"><code>print(1)<br>print(2)</code></pre>
<figure><img data-src="怎么写周报_files/a.png" alt="例子"><figcaption>一份周报</figcaption></figure>
<img src="data:image/png;base64,{png}" alt="内嵌">
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<script>alert(1)</script><video src="x.mp4"></video>
<h2 id="end">再写结尾</h2><p onclick="x()">完。<img src="https://example.org/far.png"></p>
<iframe src="https://v.qq.com/txp/iframe/player.html?vid=x0123456789"></iframe></article>
<footer>版权</footer></body></html>"""

WEBPAGE: Files = {
    "怎么写周报.html": ARTICLE.replace("{png}", base64.b64encode(PNG).decode()),
    "怎么写周报_files/a.png": OTHER_PNG,
    "怎么写周报_files/ad.html": "<html><body><h1>广告</h1></body></html>",
}

_DOCUMENT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"
 xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><w:body>{body}</w:body></w:document>"""
_STYLES = """<?xml version="1.0" encoding="UTF-8"?>
<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/></w:style></w:styles>"""
_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/></Relationships>"""
_DOCUMENT_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
 Target="styles.xml"/><Relationship Id="rId5"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="media/image1.png"/>
<Relationship Id="rId6" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
 Target="footnotes.xml"/></Relationships>"""
_FOOTNOTES = """<?xml version="1.0" encoding="UTF-8"?>
<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:footnote w:id="2"><w:p><w:r><w:t>见 *手册* 第三章</w:t></w:r></w:p></w:footnote></w:footnotes>"""
_PICTURE = """<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="结构图"/><a:graphic><a:graphicData
 uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:blipFill><a:blip r:embed="rId5"/>
 </pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"""


def paragraph(text: str, style: str = "", extra: str = "") -> str:
    chosen = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{chosen}<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>{extra}</w:p>"


_NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
_FORMULA = "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"
WORD_BODY = "".join(
    (
        paragraph("论文写作课", "a3"),
        paragraph("给研一新生。"),
        paragraph("选题", "1"),
        paragraph("小一点 &lt;script&gt; *再小一点*", extra=_NOTE),
        _PICTURE,
        paragraph("动笔", "1"),
        paragraph("先写方法", "2"),
        paragraph("式子：", extra=_FORMULA),
    )
)


def word_file(body: str = WORD_BODY, **more: bytes) -> bytes:
    """A document in the parts that Word writes; ``more`` are further parts by name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _RELS)
        package.writestr("word/document.xml", _DOCUMENT.replace("{body}", body))
        package.writestr("word/_rels/document.xml.rels", _DOCUMENT_RELS)
        package.writestr("word/styles.xml", _STYLES)
        package.writestr("word/footnotes.xml", _FOOTNOTES)
        package.writestr("word/media/image1.png", PNG)
        for name, data in more.items():
            package.writestr(f"word/{name}", data)
    return packed.getvalue()


GHOST_EXPORT = {
    "db": [
        {
            "meta": {"version": "5.80.0"},
            "data": {
                "posts": [
                    {
                        "id": "2", "title": "第二封信", "slug": "second", "type": "post", "status": "draft",
                        "html": '<p>回到 <a href="__GHOST_URL__/first/">第一封</a></p>', "published_at": None,
                        "created_at": "2024-02-01T00:00:00.000Z", "visibility": "public",
                    },
                    {
                        "id": "1", "title": "第一封信", "slug": "first", "type": "post", "status": "published",
                        "html": "<p>谁都能看。</p><!--members-only--><p>会员才能看。</p>"
                        '<figure class="kg-card"><img src="__GHOST_URL__/content/images/2024/a.png" alt="照片"></figure>',
                        "published_at": "2024-01-01T08:00:00.000Z", "visibility": "members",
                        "custom_excerpt": "开头",
                    },
                    {"id": "3", "title": "关于", "slug": "about", "type": "page", "status": "published", "html": "<p>我</p>"},
                ],
                "tags": [{"id": "t1", "name": "写信"}, {"id": "t2", "name": "#internal"}],
                "posts_tags": [{"post_id": "1", "tag_id": "t1"}, {"post_id": "1", "tag_id": "t2"}],
                "settings": [{"key": "title", "value": "慢信"}, {"key": "description", "value": "每周一封"}],
            },
        }
    ]
}  # fmt: skip


def _tree(name: str, files: Files, given: str = "") -> Callable[[Path], Path]:
    return lambda folder: write(folder / name, files) / given


def _word(folder: Path) -> Path:
    return write(folder, {"论文写作课.docx": word_file()}) / "论文写作课.docx"


def _ghost(folder: Path) -> Path:
    exported = json.dumps(GHOST_EXPORT, ensure_ascii=False)
    return write(folder, {"slow.ghost.json": exported, "content/images/2024/a.png": PNG}) / "slow.ghost.json"


# Each makes its source below a folder, and gives what a creator would point at.
SOURCES: Mapping[str, Callable[[Path], Path]] = {
    "markdown": _tree("cooking", MARKDOWN),
    "one-file": _tree(
        "notes", {"长文.md": "# 养猫\n\n开场白。\n\n## 选猫\n\n看眼缘。\n\n## 喂猫\n\n定时。\n"}, "长文.md"
    ),
    "hugo": _tree("blog", HUGO),
    "hugo-section": _tree("blog", HUGO, "content/posts"),
    "hexo": _tree("hexo-site", HEXO),
    "gitbook": _tree("git-book", GITBOOK),
    "mdbook": _tree("rust-book", MDBOOK),
    "obsidian": _tree("摄影", OBSIDIAN),
    "word": _word,
    "html": _tree("saved", WEBPAGE, "怎么写周报.html"),
    "html-folder": _tree("saved", WEBPAGE),
    "ghost": _ghost,
}
