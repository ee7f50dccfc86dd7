"""Pages about money and customers as they are with and without what may be missing: valid HTML in both languages."""

from datetime import date

import pytest
from workcenter.domain.chart import drawn
from workcenter.domain.refunds import Chosen
from workcenter.web.asking import Piece
from workcenter.web.tables import Asked, Table

from services.workcenter.tests.unit.rendering import Facts, assert_valid

ID, AT = "01a22930-b59c-76d6-8364-6cc83dd69b65", "2026-11-29T20:00:00Z"


UNIT: Facts = {"unit": ID, "state": "paid", "gross": 4999}
LINE: Facts = {"line": ID, "sku": "A", "name": "<b>why", "units": [UNIT], "fulfilment": "download"}
ORDER: Facts = {"order": ID, "number": "K-1", "totals": {"currency": "EUR"}, "payment_method": "transfer"}
IMPORTED: Facts = {
    "entries": 2,
    "matched": 1,
    "review": [{"entry": ID, "reason": "underpaid", "place": "line 5", "fault": None}],
    "passed_over": {"debits": 2, "not_booked": 0},
    "other_accounts": 1,
    "unread": [{"place": "line 9", "rule": "schema"}],
}
CUSTOMER: Facts = {
    "customer": ID,
    "email": "<b>@why.example",
    "name": None,
    "supports": True,
    "orders": Piece("none"),
    "erasure": Piece("none"),
    "bought": Piece("here", {"items": [{"sku": "A", "name": "<b>why"}]}),
    "asked": "",
    "sku": None,
    "proof": None,
}
RECEIVED: list[Facts] = [
    {"asked": "<b>why"},
    {"asked": "a", "sku": "A", "proof": Piece("here", {"received": False, "lines": [], "downloads": []})},
    {"bought": Piece("absent"), "name": "<b>why"},
    {"bought": Piece("away")},
]


def listed(*items: Facts) -> Facts:
    return {"items": list(items), "next": "more"}


def table(*rows: Facts) -> Table:
    return Table("/x", {"state": "<b>why"}, Asked("at", True, "<b>why"), rows, "more", True)


STATEMENT: Facts = {
    "imported_at": AT,
    "iban": "<b>why",
    "first_day": "2026-11-01",
    "last_day": "2026-11-30",
    "entries": 3,
    "booked": 2,
    "matched": 1,
}
STATEMENTS: Facts = {"table": table(STATEMENT), "books": True}
BOOKING: Facts = {
    "at": AT,
    "order": None,
    "number": None,
    "kind": "refund",
    "state": "payout",
    "amount": 1,
    "currency": "EUR",
}
SUM: Facts = {"first": "2026-11-01", "currency": "EUR", "received": 1, "returned": 2, "payments": 1}
TURNOVER: Facts = {
    "table": table(BOOKING, {**BOOKING, "order": ID, "number": "K-1", "kind": "card", "state": "done"}),
    "sums": Piece("here", listed(SUM)),
    "charts": {"EUR": drawn([(date(2026, 11, 1), 1)])},
    "since": "2026-11-01",
    "until": "2026-11-30",
    "by": "month",
    "books": True,
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("template", "facts"),
    [
        *(("customer.html", CUSTOMER | facts) for facts in RECEIVED),
        ("refund.html", {"order": ORDER, "chosen": Chosen([(LINE, UNIT)], 4999), "reason": "goodwill", "once": ID}),
        ("partners.html", {"table": table(), "channels": Piece("here"), "resellers": [{"channel": "nordlicht"}]}),
        ("partners.html", {"table": table(), "channels": Piece("away"), "resellers": []}),
        ("statements.html", {"files": [{"name": "a", "imported": IMPORTED, "refused": None}]} | STATEMENTS),
        ("turnover.html", TURNOVER),
        ("statements.html", {"files": [{"name": "a", "refused": "No.", "rule": "schema"}]} | STATEMENTS),
    ],
)
def test_pages_of_money_and_customers_are_whole(template: str, facts: Facts, language: str):
    assert_valid(template, facts, language)
