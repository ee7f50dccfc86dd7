"""Each page has its paragraph in the online help, which its footer leads to and the printed help repeats (E23)."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from journeys.printing import SITES, help_pdf
from pages.site import help_name
from stack.stack import ROOT

from pages import words

EXTENDS = re.compile(r'{% extends "?([\w./-]+)"? %}')
NAMED = re.compile(r'{% set help_name = "([\w-]+)" %}')
# the help itself, the components, a text of the shop's own, and what is left where there is no shop
WITHOUT = {"help", "design", "problem", "text"}
SHOWN = ("storefront", "accounts", "workcenter")
# where the help of a site is shown: the pages of accounts lead back to that of the shop
SHOWN_AT = {"accounts": "storefront"}


def templates(site: str) -> Path:
    return ROOT / "services" / site / "src" / site / "templates"


def pages_of(site: str) -> Iterator[tuple[str, str]]:
    """Yield each template that is a page, not a layout or a piece of one, with the name of its help."""
    folder = templates(site)
    texts = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.html")}
    layouts = {found[1] for text in texts.values() if (found := EXTENDS.search(text))} | {"bare.html"}
    for name, text in sorted(texts.items()):
        if EXTENDS.search(text) and name not in layouts and help_name(name) not in WITHOUT:
            yield name, named[1] if (named := NAMED.search(text)) else help_name(name)


PAGES = [(site, *page) for site in SHOWN for page in pages_of(site)]


@pytest.mark.parametrize(("site", "page", "entry"), PAGES, ids=[f"{site}/{page}" for site, page, _ in PAGES])
def test_E23_each_page_has_its_paragraph_in_each_language(site: str, page: str, entry: str):
    for language, own in words.read("pages", SHOWN_AT.get(site, site)).items():
        assert entry in own["help"], f"{page} has no help in {language}: add [help.{entry}] to words/{language}.toml"
        assert own["help"][entry]["title"]
        assert len(own["help"][entry]["text"]) > 40


def test_the_pages_are_found():
    found = {page for _, page, _ in PAGES}
    assert found >= {"home.html", "account/keys.html", "register.html", "orders.html", "audit.html"}


def test_E23_the_same_text_is_one_document_in_each_language(tmp_path: Path):  # PLT-17
    for file, language in zip(help_pdf(tmp_path), words.LANGUAGES, strict=True):
        found = pypdf.PdfReader(BytesIO(file.read_bytes()))
        printed = re.sub(r"[\s-]+", "", "".join(page.extract_text() for page in found.pages))
        for site in SITES:
            if not templates(site).is_dir() or not (templates(site).parent / "words").is_dir():
                continue
            for entry in words.read("pages", site)[language]["help"].values():
                assert re.sub(r"[\s-]+", "", entry["text"]) in printed, entry["title"]
