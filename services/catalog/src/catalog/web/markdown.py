"""Markdown as HTML that can do no harm: no scripts, no pictures, no forms, and links that lead elsewhere openly."""

from functools import lru_cache
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt

# headings stand below those of the page, all on one level
HEADING: Final = "h3"
TAGS: Final = {"p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a", HEADING}
ATTRIBUTES: Final[dict[str, set[str]]] = {"a": {"href"}, "*": set()}
SCHEMES: Final = {"https", "http", "mailto"}
REMEMBERED: Final = 1024

_parser: Final = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
_cleaner: Final = nh3.Cleaner(
    tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow noopener noreferrer"
)


@lru_cache(REMEMBERED)
def html(markdown: str) -> str:
    """Return a text in Markdown (CommonMark 0.31) as HTML; what is no plain text, list, heading or link is left out."""
    tokens: Any = _parser.parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = HEADING
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    return _cleaner.clean(str(rendered)).strip()
