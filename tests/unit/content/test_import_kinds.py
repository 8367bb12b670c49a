"""What each kind of source has of its own, as it stands in the course afterwards."""

# ruff: noqa: E501 - texts as they stand in files
from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from content.importing.bring import Brought, Wish, bring
from content.importing.kinds import NAMES, recognise
from content.importing.losses import Losses
from content.importing.source import open_source
from infra.errors import Refused
from tests.elsewhere import PNG, SOURCES, write
from tests.elsewhere import Files as SourceFiles


def course(source: str, folder: Path, **wishes: str) -> Brought:
    return bring(Wish(SOURCES[source](folder / "source"), folder / "courses", **wishes))


def notes(folder: Path, files: SourceFiles, **wishes: str) -> Brought:
    return bring(Wish(write(folder / "source", files), folder / "courses", **wishes))


def text(brought: Brought, ending: str) -> str:
    (path,) = [path for path in brought.files if path.endswith(ending)]
    return brought.files[path].decode()


def told(brought: Brought) -> list[str]:
    return [f"{Path(problem.path).name}:{problem.line}: {problem.message}" for problem in brought.losses]


@pytest.mark.parametrize(
    ("kind", "name"),
    [("markdown", "markdown"), ("one-file", "markdown"), ("hugo", "hugo"), ("hugo-section", "hugo"), ("hexo", "hexo"),
     ("gitbook", "book"), ("mdbook", "book"), ("obsidian", "obsidian"), ("word", "word"), ("html", "html"),
     ("html-folder", "html"), ("ghost", "ghost")],
)  # fmt: skip
def test_a_kind_is_recognised_by_itself(tmp_path: Path, kind: str, name: str) -> None:
    assert recognise(open_source(SOURCES[kind](tmp_path), Losses())).name == name


def test_a_kind_can_be_told(tmp_path: Path) -> None:
    brought = course("obsidian", tmp_path, kind="markdown")
    assert brought.label == "Markdown 文件" and "%%不要给人看%%" in text(brought, "bao-guang.md")


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("source", list(SOURCES))
def test_a_wrong_kind_is_refused_or_reads_what_it_can(tmp_path: Path, source: str, kind: str) -> None:
    with contextlib.suppress(Refused):
        assert course(source, tmp_path, kind=kind).lessons


def test_a_folder_of_posts_without_its_site_can_be_told_to_be_hexos(tmp_path: Path) -> None:
    posts = SOURCES["hexo"](tmp_path / "source") / "source" / "_posts"
    posts.rename(tmp_path / "posts")
    brought = bring(Wish(tmp_path / "posts", tmp_path / "courses", kind="hexo"))
    assert "![接口返回](接口.png" in text(brought, "-first.md")


# Markdown


def test_numbers_order_as_people_count(tmp_path: Path) -> None:
    files = {f"{name}.md": "文\n" for name in ("第十课 收尾", "第二课 开始", "第一课 准备")}
    brought = notes(tmp_path, files)
    assert [path[:2] for path in sorted(brought.files)][:3] == ["01", "02", "03"]
    titles = [
        line for path in sorted(brought.files) for line in brought.files[path].decode().split("\n")[1:2]
    ]
    assert titles[:3] == ['title: "第一课 准备"', 'title: "第二课 开始"', 'title: "第十课 收尾"'] or titles[:3] == [
        "title: 第一课 准备", "title: 第二课 开始", "title: 第十课 收尾"]  # fmt: skip


def test_a_weight_goes_before_a_name(tmp_path: Path) -> None:
    files = {"a.md": "---\nweight: 20\n---\n甲\n", "b.md": "---\nweight: 3\n---\n乙\n", "c.md": "丙\n"}
    assert [path for path in sorted(notes(tmp_path, files).files) if path != "_index.md"] == [
        "01-b.md", "02-a.md", "03-c.md"]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end_of_windows_is_read(tmp_path: Path, encoding: str, line_end: str) -> None:
    written = "---\ntitle: 开头\n---\n\n你好，世界。\n".replace("\n", line_end).encode(encoding)
    assert text(notes(tmp_path, {"a.md": written}), "-a.md").endswith("---\n\n你好，世界。\n")


def test_two_pictures_of_one_name_get_two_names_and_one_picture_of_two_names_gets_one(tmp_path: Path) -> None:
    files: SourceFiles = {
        "1.md": "# 一\n\n![x](a/p.png) ![y](b/p.png) ![z](c/q.png)\n",
        "a/p.png": PNG,
        "b/p.png": PNG + b"1",
        "c/q.png": PNG,
    }
    brought = notes(tmp_path, files)
    assert "![x](p.png) ![y](p-2.png) ![z](p.png)" in text(brought, "-yi.md")
    assert brought.files["p-2.png"] == PNG + b"1"


def test_lessons_of_one_name_in_two_chapters_get_two_addresses(tmp_path: Path) -> None:
    files = {"1/intro.md": "# 甲\n\n文\n", "2/intro.md": "# 乙\n\n[甲](../1/intro.md)\n", "1/z.md": "文\n"}
    brought = notes(tmp_path, files)
    names = sorted(path.rpartition("/")[2] for path in brought.files if "intro" in path)
    assert names == ["01-intro-2.md", "01-intro.md"]
    assert "(../01-1/01-intro.md)" in text(brought, "intro-2.md")


def test_code_is_left_alone(tmp_path: Path) -> None:
    code = (
        "```md\n![x](no.png) [[wiki]] {{< figure >}}\n```\n\n`[y](no.md)` 和 `![[z]]`\n\n    [缩进](no.md)\n"
    )
    brought = notes(tmp_path, {"a.md": f"# 一\n\n{code}"})
    assert code.strip() in text(brought, "-a.md") and len(brought.losses) == 1  # the price


def test_a_link_to_a_heading_leads_to_the_anchor_that_the_page_has(tmp_path: Path) -> None:
    files = {
        "a.md": "# 一\n\n[到](b.md#what-is-it-1-0)，[下](#小-结)\n\n## 小 结！\n",
        "b.md": "# 二\n\n## What is *it*? (1.0)\n\n文\n",
    }
    brought = notes(tmp_path, files)
    assert "(02-b.md#what-is-it-1-0)" in text(brought, "-a.md") and "(#小-结)" in text(brought, "-a.md")
    assert any(
        "#nowhere" in line for line in told(notes(tmp_path / "2", {"a.md": "# 一\n\n[x](#nowhere)\n"}))
    )


def test_boxes_of_documentation_tools_become_callouts(tmp_path: Path) -> None:
    body = '# 一\n\n:::warning 小心\n烫\n:::\n\n!!! tip "省事"\n    一行\n\n    两行\n\n后面\n'
    made = text(notes(tmp_path, {"a.md": body}), "-a.md")
    assert (
        "> [!warning] 小心\n> 烫\n" in made
        and "> [!tip] 省事\n> 一行\n>\n> 两行\n" in made
        and "\n后面\n" in made
    )


def test_reference_links_and_titles_are_carried(tmp_path: Path) -> None:
    files: SourceFiles = {
        "a.md": '# 一\n\n[x][ref] 和 [![图](p.png "题")](b.md "走")\n\n[ref]: b.md\n',
        "b.md": "# 二\n\n文\n",
        "p.png": PNG,
    }
    made = text(notes(tmp_path, files), "-a.md")
    assert '[![图](p.png "题")](02-b.md "走")' in made and "[ref]: 02-b.md" in made


def test_a_wish_for_title_slug_and_price_is_kept(tmp_path: Path) -> None:
    brought = notes(tmp_path, {"a.md": "文\n"}, title='说"好"', slug="my-course", price="9.9")
    index = text(brought, "_index.md")
    assert brought.folder.name == "my-course" and 'title: "说\\"好\\""' in index and 'price: "9.9"' in index
    assert brought.losses == ()


def test_sound_and_film_beside_the_text_are_carried(tmp_path: Path) -> None:
    film = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
    files: SourceFiles = {
        "a.md": '# 一\n\n![片](v/a.mp4)\n\n<video src="v/a.mp4" controls></video>\n',
        "v/a.mp4": film,
    }
    brought = notes(tmp_path, files)
    assert (
        text(brought, "-a.md").endswith("![片](a.mp4)\n\n![a.mp4](a.mp4)\n")
        and brought.files["a.mp4"] == film
    )


@pytest.mark.parametrize(
    "host",
    ["https://v.qq.com/txp/iframe/player.html?vid=", "//v.qq.com/iframe/preview.html?width=5&amp;vid="],
)
def test_a_film_of_tencents_goes_on_playing_in_the_page(tmp_path: Path, host: str) -> None:
    brought = notes(tmp_path, {"a.md": f'# 一\n\n<iframe src="{host}x0123456789"></iframe>\n'})
    assert (
        "\n![视频](https://v.qq.com/x/page/x0123456789.html)\n" in text(brought, "-a.md")
        and len(brought.losses) == 1
    )


# Hugo


def test_hugo_shortcodes_become_markdown(tmp_path: Path) -> None:
    brought = course("hugo", tmp_path)
    first = text(brought, "-hello.md")
    assert '![结果](a.png "抓到的表格")' in first or '![结果](a-2.png "抓到的表格")' in first
    assert '```python\nprint("{{< not-a-tag >}}")\n```' in first
    assert "[环境](02-ready.md#虚拟环境)" in first and "[旧文](02-ready.md)" in first
    assert "[关于](https://blog.example.org/about/)" in first
    assert "<!-- 没有搬过来：{{< tweet" in first and "<!--more-->" not in first
    assert "```go\n{{< figure */>}}\n```" in first or "```go\n{{< figure >}}\n```" in first
    assert "> [!warning] 慢一点\n> 别太快。" in text(brought, "-later.md")


def test_a_tag_left_open_stands_alone_and_one_within_another_is_read_first(tmp_path: Path) -> None:
    body = '{{% notice tip %}}甲 {{< toc >}}{{< odd >}} {{% expand "开" %}}乙{{% /expand %}}{{% /notice %}}{{% /stray %}}丙'
    files: SourceFiles = {"hugo.toml": "", "content/a.md": f"---\ntitle: 一\n---\n{body}\n"}
    made = text(notes(tmp_path, files), "-a.md")
    assert (
        "> [!tip]\n> 甲" in made and "> <summary>开</summary>\n>\n> 乙" in made and made.endswith("\n\n丙\n")
    )
    assert "<!-- 没有搬过来：{{< odd >}} -->" in made and "stray" not in made


def test_hugo_front_matter_is_mapped(tmp_path: Path) -> None:
    brought = course("hugo", tmp_path)
    assert "publishDate: 2023-01-02 10:00:00+08:00" in text(brought, "-hello.md")
    assert "draft: true" in text(brought, "-ready.md")
    index = text(brought, "_index.md")
    assert (
        "title: 小林的爬虫课" in index
        and "summary: 把网页变成表格" in index
        and "tags: [爬虫, Python]" in index
    )


def test_a_config_toml_of_another_program_makes_no_hugo_site(tmp_path: Path) -> None:
    files: SourceFiles = {
        "config.toml": "[site]\nport = 1\n",
        "content/courses/x/a.md": "文\n",
        "content/courses/x/b.md": "文\n",
    }
    course = write(tmp_path, files) / "content/courses/x"
    assert recognise(open_source(course, Losses())).name == "markdown"
    write(tmp_path, {"config.toml": 'baseURL = "https://example.org/"\n'})
    assert recognise(open_source(course, Losses())).name == "hugo"


def test_a_section_of_a_hugo_site_finds_the_sites_pictures(tmp_path: Path) -> None:
    brought = course("hugo-section", tmp_path)
    assert brought.pictures == 2 and "hello.md:21: 短代码 {{< tweet" in "\n".join(told(brought))


# Hexo


def test_hexo_tags_become_markdown(tmp_path: Path) -> None:
    brought = course("hexo", tmp_path)
    first, second = text(brought, "-first.md"), text(brought, "-second.md")
    assert '![接口返回](接口.png "返回值")' in first and "```python\nprint('{% not a tag %}')\n```" in first
    assert "> [!info] 提示\n> 记得 `pip install`" in first and "[数据库](02-second.md)" in first
    assert "[上一篇](01-first.md)" in second and "{{ user.name }}" in second and "> —— 佚名, 手册" in second
    assert any(line.startswith("second.md:14: 标签 {% mysterytag") for line in told(brought))


def test_hexo_pages_and_themes_are_no_lessons(tmp_path: Path) -> None:
    brought = course("hexo", tmp_path)
    assert brought.lessons == 2 and "teacher: 阿文" in text(brought, "_index.md")


# GitBook and mdBook


def test_the_summary_orders_a_book(tmp_path: Path) -> None:
    brought = course("gitbook", tmp_path)
    assert [path for path in sorted(brought.files) if path.endswith(".md")] == [
        "01-start/01-start.md", "01-start/02-install.md", "01-start/03-windows.md", "01-start/_index.md",
        "02-xie-zuo/01-branch.md", "02-xie-zuo/_index.md", "_index.md"]  # fmt: skip
    assert [line for line in told(brought) if line.startswith("SUMMARY.md:")] == [
        "SUMMARY.md:7: 「不存在」：目录里的 start/none.md 没有这个文件",
        "SUMMARY.md:12: 「还没写」：目录里的这一行没有文章",
    ]


def test_a_part_of_a_book_can_be_brought_alone(tmp_path: Path) -> None:
    book = SOURCES["gitbook"](tmp_path / "source")
    brought = bring(Wish(book / "team", tmp_path / "courses"))
    assert brought.lessons == 1 and "回到" in text(brought, "-branch.md")


def test_gitbook_blocks_become_markdown(tmp_path: Path) -> None:
    install = text(course("gitbook", tmp_path), "-install.md")
    assert "> [!warning]\n> **别**用旧版本" in install and "**mac**\n\nbrew" in install
    assert '<img src="shot-one.png" alt="窗口">' in install and "[windows.md](03-windows.md)" in install
    assert "<!-- 没有搬过来：{% swagger" in install


def test_anchors_that_gitbook_wrote_lead_on(tmp_path: Path) -> None:
    brought = course("gitbook", tmp_path)
    assert "(../01-start/03-windows.md#路径)" in text(brought, "-branch.md")
    assert "## 路径\n" in text(brought, "-windows.md") and "(../_index.md)" in text(brought, "-branch.md")


def test_mdbook_includes_are_filled_in_and_hidden_lines_stay_hidden(tmp_path: Path) -> None:
    brought = course("mdbook", tmp_path)
    assert "```rust\nlet x = 1;\n```" in text(brought, "01-ch01.md")
    assert "```rust\nlet mut x = 1;\nx += 1;\n```" in text(brought, "ch01-2.md")
    assert "ch01-01.md:7: {{#include nothing.rs}} 没有搬过来" in told(brought)
    assert "03-end.md" in brought.files  # behind the rule no part goes on


# Obsidian


def test_a_vaults_links_and_embeds_become_markdown(tmp_path: Path) -> None:
    brought = course("obsidian", tmp_path)
    light = text(brought, "-bao-guang.md")
    assert "![三角|300](三角.png)" in light and "<mark>快门</mark>" in light and "不要给人看" not in light
    assert "[三分法](02-gou-tu.md#三分法)" in light and "[感光度](#感光度)" in light
    assert "> [!tip]- 小窍门\n> 先拍再说" in light and "^iso" not in light
    frame = text(brought, "-gou-tu.md")
    assert "[线上](03-she-ying-ke.md)" in frame and "`[[code]]`" in frame
    assert "不存在的笔记<!-- 没有搬过来" in frame


def test_an_embedded_note_stays_embedded(tmp_path: Path) -> None:
    assert "\n![[02-gou-tu]]\n" in text(course("obsidian", tmp_path), "-bao-guang.md")


def test_notes_that_embed_each_other_become_links(tmp_path: Path) -> None:
    files: SourceFiles = {
        ".obsidian/app.json": "{}",
        "a.md": "# 甲\n\n![[b]]\n",
        "b.md": "# 乙\n\n![[a]]\n\n![[b]]\n",
        "c.md": "# 丙\n\n看 ![[a]]\n\n![[a#没有]]\n",
    }
    brought = notes(tmp_path, files)
    assert "![[" not in "".join(text(brought, f"-{name}.md") for name in "abc") and brought.held_back == ()
    assert sum("嵌入的笔记" in line for line in told(brought)) == 5


def test_a_vault_tells_what_only_obsidian_can_show(tmp_path: Path) -> None:
    lines = "\n".join(told(course("obsidian", tmp_path)))
    assert "1 曝光.md:23: 插件 dataview" in lines and "画布.canvas:1: 白板" in lines
    assert "2 构图.md:3: [[不存在的笔记]]" in lines and "日记" not in lines


# Word, HTML, Ghost


def test_a_word_files_headings_pictures_and_notes_are_carried(tmp_path: Path) -> None:
    brought = course("word", tmp_path)
    topic = text(brought, "-xuan-ti.md")
    assert "![结构图](image-1.png)" in topic and brought.files["image-1.png"] == PNG
    assert "[^2]\n" in topic and "[^2]: 见 \\*手册\\* 第三章" in topic
    assert "## 先写方法" in text(brought, "-dong-bi.md") and "title: 论文写作课" in text(brought, "_index.md")
    assert "论文写作课.docx:1: 1 处公式没有搬过来" in told(brought)


def test_a_pages_article_is_found_and_its_scripts_are_not(tmp_path: Path) -> None:
    brought = course("html", tmp_path)
    facts, index = text(brought, "-xian-lie-shi-shi.md"), text(brought, "_index.md")
    assert "一条**一行**" in facts and "```python\nprint(1)\nprint(2)\n```" in facts and "| 1 | 2 |" in facts
    assert '![例子](a.png "一份周报")' in facts and brought.pictures == 2
    assert "(02-zai-xie-jie-wei.md)" in facts  # a link to what became the next lesson's title
    whole = "".join(data.decode() for path, data in brought.files.items() if path.endswith(".md"))
    assert not any(word in whole for word in ("alert(1)", "onclick", "首页", "版权", "广告"))
    assert "title: 怎么写周报" in index and "summary: 三步写完" in index and "\\<b\\>不是标签" in index


def test_names_within_a_pages_headings_are_ends_of_links(tmp_path: Path) -> None:
    page = '<h1>书</h1><p><a href="#b2">去乙</a> <a href="other.html#o">去丙</a></p><h3>甲</h3><p>x</p><h3><a name="b2"></a>乙 &amp; 丁</h3><p>y</p>'
    other = '<h1>丙书</h1><h2>丙<span><a id="o" href="#o">#</a></span></h2><p>z</p>'
    brought = notes(tmp_path, {"a.html": page, "other.html": other})
    assert "[去乙](#乙-丁) [去丙](02-other.md#" in text(brought, "01-a.md") and len(brought.losses) == 1


def test_a_ghost_export_keeps_its_paywall_order_and_drafts(tmp_path: Path) -> None:
    brought = course("ghost", tmp_path)
    first, second = text(brought, "01-first.md"), text(brought, "02-second.md")
    assert (
        first.endswith("谁都能看。\n\n<!--members-only-->\n\n会员才能看。\n\n![照片](a.png)\n")
        and "free: true" not in first
    )
    assert "draft: true" in second and "[第一封](01-first.md)" in second
    assert brought.lessons == 2 and "internal" not in text(brought, "_index.md")
