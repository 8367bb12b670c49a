"""Markdown as people write it, to sanitised HTML. `render.py` is the way in; the others add a thing each."""

from content.highlight import highlight_css
from content.markdown.parser import block_tokens
from content.markdown.render import Place, Rendered, render
from content.markdown.texts import Text, Texts

__all__ = ["Place", "Rendered", "Text", "Texts", "block_tokens", "highlight_css", "render"]
