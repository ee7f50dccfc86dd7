"""Words and templates agree: nothing is asked for that is not there."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from pages import words

USED = re.compile(r"(?<![\w.])words((?:\.[a-z_A-Z0-9]+)+)")
INLINE = re.compile(r"<script(?! type=\"module\" src=)|\sstyle=|<style|\son\w+=")
READ = words.read("pages", "workcenter")["de"]


def templates() -> Mapping[str, str]:
    return {file.name: file.read_text() for file in (files("workcenter") / "templates").iterdir()}


def test_templates_ask_for_words_that_are_there():
    missing: list[str] = []
    for name, text in templates().items():
        for used in USED.findall(text):
            node: Any = READ
            for key in used[1:].split("."):
                if key in ("items", "format"):
                    break
                if key not in node:
                    missing.append(f"{name}: words{used}")
                    break
                node = node[key]
    assert missing == []


def test_templates_have_nothing_inline():
    assert [name for name, text in templates().items() if INLINE.search(text)] == []


def test_help_is_about_pages_that_there_are():
    pages = {name.removesuffix(".html") for name in templates()}
    own = words.read("workcenter")["de"]
    assert set(own["help"]) <= pages


def test_what_forms_lead_back_with_has_a_sentence():
    sources = "".join(file.read_text() for file in (files("workcenter") / "web").iterdir() if file.name.endswith(".py"))
    noted = set(re.findall(r'"(?:done|refused)-([a-z-]+)"', sources))
    assert noted <= READ["done"].keys() | READ["refusals"].keys()
