"""Pages about money and customers as they are with and without what may be missing: valid HTML in both languages."""

from datetime import date

import pytest
from workcenter.domain.chart import drawn
from workcenter.domain.refunds import Chosen
from workcenter.web.asking import Piece
from workcenter.web.tables import Asked, Table

from services.workcenter.tests.unit.rendering import Facts, assert_valid, page

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
        (
            "statements.html",
            {"files": [{"name": "a", "imported": IMPORTED, "refused": None, "kind": None}]} | STATEMENTS,
        ),
        ("turnover.html", TURNOVER),
        (
            "statements.html",
            {"files": [{"name": "a", "refused": "No.", "kind": "statement-unreadable", "rule": "not-xml"}]}
            | STATEMENTS,
        ),
    ],
)
def test_pages_of_money_and_customers_are_whole(template: str, facts: Facts, language: str):
    assert_valid(template, facts, language)


@pytest.mark.parametrize(
    ("language", "place", "why"), [("de", "Zeile 4, Buchung 2", "kein XML"), ("en", "line 4, entry 2", "no XML")]
)
def test_what_came_of_a_statement_is_told_in_the_language_of_who_reads(language: str, place: str, why: str):
    waiting = {"reason": "no_reference", "place": "line 4, entry 2", "fault": None}
    files: list[Facts] = [
        {"name": "a", "imported": {**IMPORTED, "review": [waiting]}, "refused": None, "kind": None},
        {"name": "b", "refused": "The file.", "kind": "statement-unreadable", "rule": "not-xml"},
    ]
    text = page("statements.html", {"files": files} | STATEMENTS, language)
    assert place in text
    assert why in text
    assert {"de": "Nennt keine Bestellung", "en": "Names no order"}[language] in text
    assert "The file." not in text


ERASED: Facts = {
    "customer": ID,
    "erased_at": AT,
    "complete": False,
    "contact_until": "2026-12-24T12:00:00Z",
    "expected": ["delivery", "orders"],
    "keys": [
        {"key": ID, "kind": "profile", "destroyed_at": AT, "confirmed": {"delivery": AT, "orders": AT}, "missing": []},
        {"key": ID, "kind": "contact", "destroyed_at": None, "confirmed": {}, "missing": ["delivery", "orders"]},
    ],
}


@pytest.mark.parametrize(
    ("language", "gone", "kept"),
    [
        ("de", "Profil gelöscht", "Kontakt bis 24. Dezember 2026 gebraucht"),
        ("en", "Profile erased", "Contact needed until"),
    ],
)
def test_erasures_tell_what_is_gone_and_what_is_still_needed(language: str, gone: str, kept: str):
    rows = page("erasures.html", {"table": table(ERASED)}, language)
    for text in (rows, page("erasure.html", {"erasure": ERASED}, language)):
        assert gone in text
        assert kept in text
    assert {"de": "Auslieferung", "en": "Delivery"}[language] not in rows.partition("<tbody>")[2]
    late = {**ERASED["keys"][0], "missing": ["orders"]}
    rows = page("erasures.html", {"table": table({**ERASED, "keys": [late]})}, language)
    assert {"de": "Profil wird gelöscht", "en": "Profile being erased"}[language] in rows
    assert {"de": "Bestellungen", "en": "Orders"}[language] in rows.partition("<tbody>")[2]
