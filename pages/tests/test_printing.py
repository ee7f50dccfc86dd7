"""The help on paper has the text of the pages, whoever's it is and whatever it says (E23)."""

from io import BytesIO
from typing import Any

import pypdf
from hypothesis import given, settings
from hypothesis import strategies as some

from pages import printing, words

WORDS = words.read("pages")
HELP = {"home": {"title": "Alle Produkte", "text": "Hier steht, was der Laden verkauft."}}


def read(content: bytes) -> str:
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_has_a_title_contents_page_numbers_and_every_paragraph():
    for language, own in WORDS.items():
        guide = printing.guide("Nordlicht", "#0f766e", language, {**own, "help": HELP})
        content = printing.printed(guide)
        found: Any = pypdf.PdfReader(BytesIO(content))  # its types do not know what a document has
        assert found.metadata.title == f"Nordlicht: {own['base']['help_title']}"
        assert found.trailer["/Root"]["/Lang"] == language
        assert [one["/Title"] for one in found.outline[1]] == ["Alle Produkte"]
        text = read(content)
        for shown in (own["base"]["help_contents"], "Hier steht, was der Laden verkauft.", "2 / 2"):
            assert shown in text


def test_the_same_help_is_the_same_bytes():
    guide = printing.guide("Nordlicht", None, "de", {**WORDS["de"], "help": HELP})
    assert printing.printed.__wrapped__(guide) == printing.printed.__wrapped__(guide)


@settings(max_examples=20, deadline=None)
@given(some.text("#$*_`[]{}()@<>\\\"' ab\n=-+/~", min_size=1, max_size=40))
def test_no_text_is_read_as_markup(text: str):
    entry = {"home": {"title": f"a {text} b", "text": f"a {text} b"}}
    guide = printing.guide(f"a {text} b", "#0f766e", "de", {**WORDS["de"], "help": entry})
    assert printing.printed(guide).startswith(b"%PDF")
