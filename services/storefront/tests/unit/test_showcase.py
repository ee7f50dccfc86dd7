"""Families, editions and their texts, as a shop shows them."""

from typing import Any

import pytest
from storefront.domain.showcase import families, key_follows, shown, title_of

FAMILY, PRODUCT, EDITION, OTHER = "f", "p", "e", "o"
TEXTS = {"de": {"title": "Titel", "summary": "Kurz"}, "en": {"title": "Title", "summary": ""}}


def variant(sku: str, amount: int, fulfilment: str = "download") -> dict[str, Any]:
    return {
        "sku": sku,
        "fulfilment": fulfilment,
        "key_source": "imported",
        "prices": [{"amount": amount, "currency": "EUR"}],
    }


def product(version: str = "1", product_id: str = PRODUCT, **presentations: Any) -> dict[str, Any]:
    editions = [
        {"edition": EDITION, "code": "a", "name": "A", "description": "", "variants": [variant("A-ESD", 300)]},
        {
            "edition": OTHER,
            "code": "b",
            "name": "B",
            "description": "Für Büros",
            "variants": [variant("B-ESD", 100), variant("B-BOX", 200, "boxed")],
        },
    ]
    facts = {"product": product_id, "family_id": FAMILY, "family": "Editor", "version": version}
    facts |= {"line": "Tools", "line_id": "l"}
    return {**facts, "editions": editions, "presentations": presentations}


def test_a_family_has_its_range_of_prices_and_leads_to_its_choices():
    (family,) = families([product()], "de")
    assert (family.lowest, family.highest, family.varies, family.currency) == (100, 300, True, "EUR")
    assert family.path == "/families/f"
    assert [choice.path for choice in family.choices] == ["/products/p/a", "/products/p/b"]
    assert [choice.varies for choice in family.choices] == [False, True]
    assert family.choices[1].fulfilments == ["download", "boxed"]
    assert family.shown.title == "Editor 1"


def test_versions_of_a_family_are_choices_of_one_and_a_single_edition_needs_no_choice():
    (family,) = families([product("1"), product("2", "q")], "de")
    assert len(family.choices) == 4
    assert family.shown.title == "Editor"
    alone = product()
    alone["editions"] = alone["editions"][:1]
    (single,) = families([alone], "de")
    assert single.path == "/products/p/a"


@pytest.mark.parametrize(("language", "line"), [("de", "Werkzeuge"), ("en", "Utilities")])
def test_a_line_is_called_in_the_readers_language_or_else_in_another_or_by_its_name(language: str, line: str):
    titled = {"texts": {"de": {"title": "Werkzeuge"}, "en": {"title": "Utilities"}}, "picture": None}
    (family,) = families([product(l=titled)], language)
    assert family.line == line
    (other,) = families([product(l={"texts": {"de": {"title": "Werkzeuge"}}, "picture": None})], language)
    assert other.line == "Werkzeuge"
    (named,) = families([product()], language)
    assert named.line == "Tools"


def test_what_is_empty_is_shown_as_that_of_the_next_and_else_in_another_language():
    picture = {"hash": "0", "alt": {"de": "Bild", "en": "Picture"}}
    known: dict[str, Any] = {
        FAMILY: {"texts": TEXTS, "picture": picture, "secure_until": "2030-01-01"},
        EDITION: {"texts": {"en": {"title": "", "summary": "Own"}}, "picture": None, "secure_until": None},
    }
    english = shown(known, [EDITION, PRODUCT, FAMILY], "en", "Name")
    assert (english.title, english.summary, english.alt) == ("Name", "Own", "Picture")
    assert english.secure_until == "2030-01-01"
    german = shown(known, [EDITION, PRODUCT, FAMILY], "de", "Name")
    assert german.summary == "Own"
    assert shown(known, [FAMILY], "en", "Name").summary == "Kurz"
    assert shown({}, [EDITION], "de", "Name").title == "Name"


def test_a_description_in_another_language_names_it():
    known = {FAMILY: {"texts": {"de": {"description_html": "<p>Hallo</p>"}}, "picture": None}}
    assert shown(known, [FAMILY], "en", "Name").language == "de"


def test_an_only_edition_is_called_as_its_product_unless_it_is_called_after_it():
    alone = product()
    alone["editions"] = [{**alone["editions"][0], "name": "Standard"}]
    assert families([alone], "de")[0].choices[0].shown.title == "Editor 1"
    alone["editions"][0]["name"] = "Editor Home"
    assert title_of(alone, alone["editions"][0], "de") == "Editor Home"
    alone["presentations"] = {FAMILY: {"texts": TEXTS, "picture": None}}
    assert title_of(alone, alone["editions"][0], "de") == "Editor Home"
    alone["editions"][0]["name"] = "Standard"
    assert title_of(alone, alone["editions"][0], "de") == "Titel"
    alone["presentations"] = {PRODUCT: {"texts": TEXTS, "picture": None}}
    assert title_of(alone, alone["editions"][0], "en") == "Title"
    several = product(p={"texts": TEXTS, "picture": None})
    assert title_of(several, several["editions"][0], "de") == "A"


def test_a_key_follows_where_the_last_one_of_a_stock_is_gone():
    article = variant("A-ESD", 300)
    assert key_follows(article, {"A-ESD"})
    assert not key_follows(article, {"B-ESD"})
    assert not key_follows({**article, "key_source": "generated"}, {"A-ESD"})
