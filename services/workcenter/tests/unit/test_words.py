"""Words and templates agree: nothing is asked for that is not there, in either language."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from pages.words import paths

from pages import words

USED = re.compile(r"(?<![\w.])words((?:\.[a-z_A-Z]+)+)")
READ = words.read("pages", "workcenter")
# a mapping has these itself, and templates would get the method
TAKEN = frozenset(dir(dict))


def templates() -> Mapping[str, str]:
    return {file.name: file.read_text() for file in (files("workcenter") / "templates").iterdir()}


def test_languages_have_the_same_keys() -> None:
    german, english = (paths(READ[language]) for language in ("de", "en"))
    assert german.keys() == english.keys()
    assert [key for key, text in {**german, **english}.items() if not text.strip()] == []


def test_placeholders_are_the_same() -> None:
    german, english = (paths(READ[language]) for language in ("de", "en"))
    held = {key: set(re.findall(r"{(\w+)}", text)) for key, text in german.items()}
    assert held == {key: set(re.findall(r"{(\w+)}", text)) for key, text in english.items()}


def test_templates_ask_for_words_that_are_there() -> None:
    missing: list[str] = []
    for name, text in templates().items():
        for used in USED.findall(text):
            node: Any = READ["de"]
            for key in used[1:].split("."):
                if key in ("items", "format"):
                    break
                if key not in node:
                    missing.append(f"{name}: words{used}")
                    break
                node = node[key]
    assert missing == []


def test_no_word_is_named_like_a_method() -> None:
    own = words.read("workcenter")["de"]
    assert [path for path in paths(own) if set(path.split(".")) & TAKEN] == []


def test_templates_have_nothing_inline() -> None:
    assert [name for name, text in templates().items() if re.search(r"\sstyle=|<script|<style|\son\w+=", text)] == []
