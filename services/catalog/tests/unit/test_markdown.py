"""Markdown of staff becomes HTML that does nothing."""

import pytest
from catalog.web.markdown import html


def test_plain_markdown_becomes_html_with_headings_of_one_level():
    assert html("# One\n\n### Two\n\nA *b* **c**\n\n- d\n- e") == (
        "<h3>One</h3>\n<h3>Two</h3>\n<p>A <em>b</em> <strong>c</strong></p>\n<ul>\n<li>d</li>\n<li>e</li>\n</ul>"
    )
    assert 'rel="nofollow noopener noreferrer"' in html("[page](https://example.org/)")


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox(1))",
        "![x](https://example.org/track.gif)",
        "<a href='https://example.org' onclick='alert(1)'>x</a>",
        "<style>body{display:none}</style>",
        "<iframe src=//example.org></iframe>",
        '[x](https://example.org "onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<form action=/account/privacy method=post><button>x</button></form>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<https://example.org/\"onmouseover='alert(1)'>",
        "```\n</code><script>alert(1)</script>\n```",
    ],
)
def test_no_markdown_becomes_a_script_a_form_or_a_picture(markdown: str):
    from html.parser import HTMLParser

    class Look(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in {"p", "a", "code", "pre", "em", "br"}, tag
            for name, value in attrs:
                assert name in {"href", "rel"}, name
                assert name != "href" or str(value).startswith(("https://", "http://", "mailto:")), value

    Look().feed(html(markdown))
