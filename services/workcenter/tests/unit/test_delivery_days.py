"""How many working days a box takes, as staff types it, and what shows that nobody has named them."""

from typing import Any

import pytest
from workcenter.domain.delivery_days import DaysUnreadable, delivery_days
from workcenter.domain.readiness import checklist, undated
from workcenter.web.articles import Settings

from .rendering import assert_valid, page

SETTINGS = {"link_validity_days": "30", "download_limit": "5", "key_source": "none"}
DAYS = {"least": 2, "most": 4}


@pytest.mark.parametrize(("least", "most"), [("2", "4"), (" 1 ", "90"), ("3", "3")])
def test_two_numbers_are_a_range(least: str, most: str):
    assert delivery_days(least, most) == {"least": int(least), "most": int(most)}


def test_nothing_is_no_days():
    assert delivery_days("", " ") is None


@pytest.mark.parametrize(
    ("least", "most", "faults"),
    [
        ("2", "", {"days_most": "missing"}),
        ("", "4", {"days_least": "missing"}),
        ("0", "91", {"days_least": "days-range", "days_most": "days-range"}),
        ("soon", "4", {"days_least": "days-range"}),
        ("-2", "4", {"days_least": "days-range"}),
        ("²", "4", {"days_least": "days-range"}),
        ("5", "4", {"days_most": "days-order"}),
    ],
)
def test_what_is_no_range_is_told_at_its_field(least: str, most: str, faults: dict[str, str]):
    with pytest.raises(DaysUnreadable) as refused:
        delivery_days(least, most)
    assert refused.value.faults == faults


def test_the_settings_of_a_box_need_its_days_and_those_of_a_download_have_none():
    assert "delivery_days" not in Settings.model_validate(SETTINGS).body
    box = Settings.model_validate(SETTINGS | {"days_least": "2", "days_most": "4"})
    assert box.body["delivery_days"] == DAYS
    for least, most in (("", ""), ("2", ""), ("4", "2")):
        with pytest.raises(DaysUnreadable):
            _ = Settings.model_validate(SETTINGS | {"days_least": least, "days_most": most}).body


def variant(sku: str, fulfilment: str, days: dict[str, int] | None = None) -> dict[str, Any]:
    return {"sku": sku, "fulfilment": fulfilment, "delivery_days": days, "offers": [], "rrp": []}


def product(*variants: dict[str, Any]) -> dict[str, Any]:
    edition = {"edition": "e", "name": "<nobody>", "variants": list(variants)}
    known = {"product": "p", "family_id": "f", "line": "Tools", "family": "Scales", "version": "1"}
    return known | {"editions": [edition], "withdrawn_at": None, "withdrawn_by": None}


def test_a_box_without_days_is_named_and_on_the_check_list():
    both = product(variant("A", "download"), variant("B", "boxed"), variant("C", "boxed", DAYS))
    assert undated(both) == ["B"]
    assert [(one.name, one.done) for one in checklist(both, [], {"A": True}) if one.name == "days"] == [("days", False)]
    dated = product(variant("C", "boxed", DAYS))
    assert [(one.name, one.done) for one in checklist(dated, [], {}) if one.name == "days"] == [("days", True)]
    assert "days" not in [one.name for one in checklist(product(variant("A", "download")), [], {})]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_of_an_article_asks_for_the_days_of_a_box(language: str):
    shown = product(variant("BOX-1", "boxed"), variant("BOX-2", "boxed", {"least": 3, "most": 3}))
    settings: dict[str, Any] = {"link_validity_days": 30, "download_limit": 5, "key_source": "none", "keys_per": "unit"}
    settings |= {"key_prefix": "", "low_stock": 5, "devices": None}
    (edition,) = shown["editions"]
    facts: dict[str, Any] = {
        "product": shown,
        "channels": [],
        "articles": [{"edition": edition, "variant": one, "offers": {}} for one in edition["variants"]],
        "face": {"here": False, "state": "none"},
        "draft": False,
        "undated": undated(shown),
        "lacks": [],
        "settings": {
            "BOX-1": settings | {"delivery_days": None},
            "BOX-2": settings | {"delivery_days": {"least": 3, "most": 3}},
        },
        "currencies": ["EUR"],
        "sells": True,
        "writes": True,
        "once": "0" * 36,
        "today": "2026-11-02",
        "note": "refused-days",
    }
    assert_valid("article.html", facts, language)
    text = page("article.html", facts, language)
    assert text.count('name="days_least"') == 2
    assert text.count('<details class="card" open>') == 1
    assert "BOX-1" in text.partition('role="status"')[2].partition("</div>")[0]
