"""What pages say is there in each language, with the same places to fill in."""

import re

import pytest

from pages import words


@pytest.mark.parametrize("service", ["storefront", "workcenter"])
def test_each_language_has_the_same_texts_with_the_same_places(service: str):
    read = {language: words.paths(found) for language, found in words.read("pages", service).items()}
    german, english = read["de"], read["en"]
    assert german.keys() == english.keys()
    places = {path: (_places(german[path]), _places(english[path])) for path in german}
    assert not {path: both for path, both in places.items() if both[0] != both[1]}
    assert not {path for path, text in (german | english).items() if not text.strip()}


@pytest.mark.parametrize(
    ("cookie", "accepted", "chosen"),
    [
        (None, "", "de"),
        (None, "en-GB,en;q=0.8", "en"),
        (None, "fr, EN-US;q=0.5, de;q=0.1", "en"),
        ("de", "en", "de"),
        ("xx", "en", "en"),
        ("", "*", "de"),
    ],
)
def test_a_visitor_reads_the_language_they_chose_or_their_browser_asks_for(
    cookie: str | None, accepted: str, chosen: str
):
    assert words.chosen(cookie, accepted) == chosen


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
