"""The kinds of sources, in the order in which they are asked whether a source is theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from content.importing.book import is_book, read_book
from content.importing.draft import Draft
from content.importing.ghost import is_ghost, read_ghost
from content.importing.hexo import is_hexo, read_hexo
from content.importing.hugo import is_hugo, read_hugo
from content.importing.obsidian import is_vault, read_vault
from content.importing.plain import is_plain, read_plain
from content.importing.source import Source
from content.importing.webpage import is_webpage, read_webpage
from content.importing.word import is_word, read_word
from infra.errors import Refused


@dataclass(frozen=True)
class Kind:
    """``label`` is what the creator calls it; ``read`` may raise Refused."""

    name: str
    label: str
    fits: Callable[[Source], bool]
    read: Callable[[Source], Draft]


KINDS = (
    Kind("word", "Word 文档", is_word, read_word),
    Kind("ghost", "Ghost 导出文件", is_ghost, read_ghost),
    Kind("hexo", "Hexo 网站", is_hexo, read_hexo),
    Kind("hugo", "Hugo 网站", is_hugo, read_hugo),
    Kind("obsidian", "Obsidian 笔记", is_vault, read_vault),
    Kind("book", "GitBook 或 mdBook", is_book, read_book),
    Kind("markdown", "Markdown 文件", is_plain, read_plain),
    Kind("html", "HTML 网页", is_webpage, read_webpage),
)
# They are recognised by a file of settings, which a copied folder may lack.
_TOLD_BY_THEIR_SETTINGS = ("hexo", "hugo", "obsidian")
NAMES = tuple(kind.name for kind in KINDS)


def recognise(source: Source, wanted: str = "") -> Kind:
    """The kind that was asked for, else the first that fits.

    Raises Refused when none does.
    """
    if wanted:
        return _told(source, next(kind for kind in KINDS if kind.name == wanted))
    found = next((kind for kind in KINDS if kind.fits(source)), None)
    if found is None:
        raise Refused(
            f"{source.path} 里没有能搬的文章",
            hint="能搬的是 .md、.docx、.html、Ghost 的 .json，和有这些文件的文件夹；旧的 .doc 先另存为 .docx",
        )
    return found


def _told(source: Source, kind: Kind) -> Kind:
    """A site or a vault may be told by whoever has only a part of it; the others can be seen."""
    is_right = not source.is_file if kind.name in _TOLD_BY_THEIR_SETTINGS else kind.fits(source)
    if not is_right:
        raise Refused(
            f"{source.path} 不能当作 {kind.label} 来读", hint="检查路径，或者不写 --kind，让它自己认"
        )
    return kind
