"""Whatever stands in somebody's Markdown: it is imported, passes the check, and stays what it is."""

# ruff: noqa: E501 - pieces as they stand in files
from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from content.check import read_folder
from content.importing.bring import Wish, bring
from tests.elsewhere import PNG, write

PIECES = st.sampled_from(
    ["# 题\n", "## 小节 {#id}\n", "![x](p.png)", "![x](no.png)", "[a](b.md)", "[a](b.md#小节)", "[[b|名]]", "![[p.png|9]]",
     "<!--members-only-->\n", "<!--more-->", "```py\n", "```\n", "    缩进\n", "> 引\n", "- 列\n", "\n", "\n\n", "文字",
     "{{< figure src=p.png >}}", "{{% x %}}", "{% hint %}", "{% endhint %}", ":::tip\n", ":::\n", "!!! note\n", "    甲\n",
     "<img src='p.png'>", "<a href=no>", "<iframe src=x>", "</div>", "[r]: b.md\n", "[^1]", "[^1]: 注\n", "\\[", "](", "`", "---\n",
     "title: x\n", "%%", "==", "*", "|", "\x00", "\u2028", "\r", "<!--", "-->", "\ufffe", "$$"]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=25).map("".join)
HEADERS = st.sampled_from(
    ["", "---\ntitle: 题\n---\n", "+++\ndraft = true\n+++\n", "---\n*x\n---\n", "title: x\n---\n"]
)


@settings(max_examples=80, deadline=None)
@given(first=TEXTS, second=TEXTS, header=HEADERS)
def test_whatever_is_imported_passes_the_check_and_is_the_same_again(
    first: str, second: str, header: str
) -> None:
    files: dict[str, str | bytes] = {
        "a.md": header + first,
        "b.md": second,
        "c.md": "# 丙\n\n文\n",
        "p.png": PNG,
    }
    encoded: dict[str, str | bytes] = {
        path: text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        for path, text in files.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder) / "notes", encoded)
        brought = bring(Wish(source, Path(folder) / "courses"))
        courses, problems = read_folder(Path(folder) / "courses")
        assert [str(problem) for problem in problems if problem.severity == "error"] == []
        assert courses[0].draft
        assert bring(Wish(source, Path(folder) / "again")).files == brought.files
