"""Markdown as people write it, to sanitised HTML. `render.py` is the way in; the others add a thing each."""

from content.highlight import highlight_css
from content.markdown.parser import block_tokens
from content.markdown.render import Rendered, render

__all__ = ["Rendered", "block_tokens", "highlight_css", "render"]
