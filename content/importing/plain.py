"""A folder of Markdown as it is, and one long Markdown file."""

from __future__ import annotations

from dataclasses import replace

from content.importing.dialect import read_common
from content.importing.draft import Draft, Text
from content.importing.grouping import group, without_empty
from content.importing.losses import Losses
from content.importing.places import Places
from content.importing.source import Source
from content.importing.split import split
from content.importing.texts import is_markdown, read_markdown
from content.importing.wikilinks import has_wiki_links, read_wiki_links

# In each folder of a project, and no lesson anywhere.
NO_LESSONS = frozenset(("license.md", "contributing.md", "changelog.md", "code_of_conduct.md", "summary.md"))


def is_plain(source: Source) -> bool:
    """Anything with Markdown in it: the last kind that is asked for."""
    return is_markdown(source.file) if source.is_file else bool(texts_below(source))


def read_plain(source: Source) -> Draft:
    places = Places(source.tree.paths, by_name=True)
    if source.is_file:
        return _of_one_file(source, places)
    texts = [_text(path, source, places) for path in texts_below(source)]
    grouped = group([text for text in texts if text is not None], source.at, source.losses)
    intro = grouped.intro
    return Draft(
        title=intro.title if intro else source.name,
        name=source.name,
        parts=without_empty(grouped.parts),
        find=places.find,
        media=source.tree.picture,
        intro=intro,
        header=intro.header if intro else {},
    )


def texts_below(source: Source) -> list[str]:
    """The Markdown files in the folder that was given, but for those that every project has."""
    return [
        path
        for path in source.tree.paths
        if is_markdown(path)
        and (not source.at or path.startswith(f"{source.at}/"))
        and path.rpartition("/")[2].lower() not in NO_LESSONS
    ]


def cut(text: Text) -> tuple[str, Text | None, tuple[Text, ...]]:
    """A long text as a course: its own title ("" if none), the page from what stands above, the lessons."""
    title, sections = split(text.body)
    lessons = tuple(
        replace(
            text,
            body=section.body,
            title=section.title or text.title,
            name=section.title or text.name,
            part=at,
        )
        for at, section in enumerate(sections)
    )
    if len(lessons) > 1 and not sections[0].title:
        return title, lessons[0], lessons[1:]
    return title, None, lessons


def _of_one_file(source: Source, places: Places) -> Draft:
    text = _text(source.file, source, places)
    if text is None:
        return Draft(source.name, source.name, (), places.find, source.tree.picture)
    title, intro, lessons = cut(text)
    return Draft(
        title=title or text.title,
        name=source.name,
        parts=tuple(lesson for lesson in lessons if lesson.body.strip()),
        find=places.find,
        media=source.tree.picture,
        intro=intro,
        header=text.header,
    )


def _text(path: str, source: Source, places: Places) -> Text | None:
    text = read_markdown(source.tree, path, source.losses)
    return read_dialect(text, places, source.losses) if text else None


def read_dialect(text: Text, places: Places, losses: Losses) -> Text:
    """What may stand in anybody's Markdown: boxes, names of headings, wiki links."""
    body = read_common(text.body)
    if has_wiki_links(body):
        body = read_wiki_links(body, text.path, text.raw, places, losses)
    return replace(text, body=body)
