"""What a search shows: each seller counts its own orders, so a number may be that of two."""

import re

import pytest
from workcenter.web.asking import Piece

from services.workcenter.tests.unit.rendering import Facts, page

ID, AT = "01a22930-b59c-76d6-8364-6cc83dd69b65", "2026-11-29T20:00:00Z"
ORDER: Facts = {
    "order": ID,
    "number": "K-2026-000001",
    "ordered_at": AT,
    "names": ["Works 9"],
    "channel": "direct",
    "market": "DE",
    "seller": "kontor",
    "state": "paid",
    "gross": 4999,
    "currency": "EUR",
}
NOTHING: Facts = {"articles": [], "meant": None, "known": [], "keys": [], "more": 10, "customers": Piece("absent")}


@pytest.mark.parametrize(("language", "amount"), [("de", "49,99"), ("en", "49.99")])
def test_two_orders_of_one_number_are_told_apart_by_seller_day_and_amount(language: str, amount: str):
    other = {**ORDER, "order": ID.replace("b65", "b66"), "seller": "nordlicht", "channel": "nordlicht"}
    text = page("search.html", NOTHING | {"q": "K-2026-000001", "orders": [ORDER, other]}, language)
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", text, re.S)
    assert len(rows) == 2
    for row, seller in zip(rows, ("kontor", "nordlicht"), strict=True):
        assert f">{seller}</td>" in row
        assert amount in row
        assert "2026" in row.partition("</th>")[2]


@pytest.mark.parametrize("language", ["de", "en"])
def test_orders_beside_a_customer_and_a_key_have_their_seller(language: str):
    known: Facts = {"customer": ID, "name": "Nina Neu", "orders": [ORDER]}
    key: Facts = {"masked_key": "…AB12", "order": ID, "number": ORDER["number"], "seller": "nordlicht", "sku": "A"}
    key |= {"state": "issued", "issued_at": AT}
    found = {"q": "AB12", "orders": [], "customers": Piece("here", {"items": [known]}), "known": [known], "keys": [key]}
    text = page("search.html", NOTHING | found, language)
    assert re.findall(r"K-2026-000001</a> <span class=\"soft small\">(\w+)<", text) == ["kontor", "nordlicht"]
