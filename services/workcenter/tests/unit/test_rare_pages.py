"""Pages as they are when something rare is to be shown, or a service is away: valid HTML in both languages."""

from typing import Any

import pytest
from chassis.web import Problem
from workcenter.domain.refunds import Refunded
from workcenter.web.asking import Piece
from workcenter.web.services import Fares
from workcenter.web.start import Card
from workcenter.web.tables import Asked, Table

from services.workcenter.tests.unit.rendering import assert_valid, page

ID, AT = "01a22930-b59c-76d6-8364-6cc83dd69b65", "2026-11-29T20:00:00Z"
Facts = dict[str, Any]

UNIT: Facts = {"unit": ID, "state": "open", "gross": 4999, "bounced_at": AT, "withdrawal_lost_at": None}
LINE: Facts = {
    "line": ID,
    "sku": "A",
    "name": "Works 9",
    "units": [UNIT, {**UNIT, "state": "paid"}],
    "gross": 9998,
    "fulfilment": "boxed",
    "tax_rate": 1900,
    "discount": 100,
    "deliver_from": AT,
}
ORDER: Facts = {
    "order": ID,
    "number": "K-1",
    "state": "partly_paid",
    "totals": {"currency": "EUR", "gross": 9998, "net": 8402, "tax": 1596},
    "lines": [LINE],
    "customer": ID,
    "customer_type": "business",
    "language": "de",
    "channel": "direct",
    "market": "DE",
    "seller": "kontor",
    "coupon": "X",
    "ordered_at": AT,
    "pay_until": AT,
    "closed_at": None,
    "payment_method": "transfer",
    "consents": [],
}
CLAIM: Facts = {
    "claim": ID,
    "conversation": ID,
    "order": ID,
    "seller": "kontor",
    "units": [ID, "another"],
    "reason": "does_not_run",
    "opened_at": AT,
    "state": "review",
    "due_at": AT,
    "outcome": None,
    "grounds": None,
    "granted": [],
    "decided_at": None,
    "appealed_by": None,
    "ended_at": None,
    "statements": [{"message": ID, "side": "seller", "stated_at": AT}],
}
DOWNLOAD: Facts = {
    "file_name": "setup.exe",
    "file_version": "1",
    "started_at": AT,
    "completed_at": None,
    "bytes_arrived": 3,
    "size": 9,
    "proof": None,
    "aborts": 2,
    "sha256": "a" * 64,
}
EXPORT: Facts = {
    "export": ID,
    "conversation": ID,
    "form": "pdf",
    "purpose": "<b>why</b>",
    "state": "asked",
    "asked_by": "me",
    "asked_at": AT,
    "released_by": None,
    "expires_at": AT,
}
MAIL: Facts = {
    "email": ID,
    "order": ID,
    "kind": "delivery",
    "state": "bounced",
    "recorded_at": AT,
    "settled_at": AT,
    "attempts": 1,
    "code": 550,
    "answer": "5.1.1 <nobody>",
}
ENTRY: Facts = {
    "entry": ID,
    "reason": "underpaid",
    "amount": 4000,
    "currency": "EUR",
    "allocated": 100,
    "order": ID,
    "opened_at": AT,
    "booked_on": None,
    "payer": {"name": None, "iban": None, "text": None},
    "place": None,
    "fault": None,
    "proposed": [ID],
}
JUDGEMENT: Facts = {
    "message": ID,
    "conversation": ID,
    "side": "buyer",
    "state": "held",
    "version": 3,
    "kind": "email",
    "rule": "address",
    "judged_at": AT,
    "appealed_at": AT,
}
REPAYMENT: Facts = {"repayment": ID, "order": ID, "amount": 4999, "currency": "EUR"}
NOTICE: Facts = {"about": "code", "settled_at": AT, "code": 550, "answer": "no"}
SOME: Facts = {"count": 3, "oldest_at": AT}
FARES = [
    Fares(
        "orders",
        Piece(
            "here",
            {
                "service": "orders",
                "version": "1",
                "schema_version": {"chassis": 1},
                "outbox": {**SOME, "refused": 1},
                "parked": {"count": 10_000, "oldest_at": AT},
                "dead": SOME,
            },
        ),
    ),
    Fares("letters", Piece("away")),
]
PARKED: Facts = {
    "id": 7,
    "topic": "OrderPaid",
    "key": "<b>why",
    "event": None,
    "source": None,
    "occurred_at": None,
    "parked_at": AT,
    "attempts": 1,
    "next_attempt": AT,
    "error": "ContractViolation",
}
DEAD = Piece("here", {"items": [PARKED], "next": "more"})
WITHDRAWN: Facts = {
    "withdrawal": ID,
    "order": ID,
    "number": "<b>why",
    "channel": "direct",
    "declared_at": AT,
    "state": "decided",
    "lines": [{"line": ID, "name": "<b>why", "units": [ID], "outcome": "returning"}],
    "waiting": True,
    "done_at": None,
    "note": None,
}
FITS_NONE: Facts = {**WITHDRAWN, "withdrawal": ID[::-1], "order": None, "state": "unmatched", "lines": []}
ENDED: Facts = {**FITS_NONE, "withdrawal": "w", "waiting": False, "done_at": AT, "note": "<b>why"}
RECEIVED: Facts = {**ENDED, "withdrawal": "v", "state": "received"}
LIST: Facts = {"items": [WITHDRAWN, FITS_NONE, ENDED, RECEIVED], "next": "more"}
WHOLE: Facts = {
    "order": ORDER,
    "withdrawals": Piece("here", {"items": [WITHDRAWN]}),
    "returning": [(LINE, UNIT)],
    "once": ID,
    "refundable": [UNIT],
    "shippable": [UNIT],
    "boxed": [UNIT],
    "cancellable": True,
    "given_back": 4999,
    "device_limits": {ID: 2},
    "refunds": [Refunded(4999, "EUR", AT, "goodwill", "open"), Refunded(4999, "EUR", AT)],
    **dict.fromkeys(("name", "email"), "<b>why"),
    "billing": {"billing_address": None, "company": "A", "vat_id": None, "purchase_number": None},
    "shipping": {"address": None},
    "shipping_as": {"units": [ID], "carrier": "dhl", "tracking_number": "<b>why"},
    "buyer": {"company": "<b>why", "vat_id": None, "purchase_number": None},
    **dict.fromkeys(("sells", "supports", "links", "books", "reviews", "handles"), True),
}
OF_SALE = ("transfer", "payments", "grants", "proof", "licenses", "emails", "parcels")
ASKED = (*OF_SALE, "conversation", "messages", "claims")


def listed(*items: Facts) -> Facts:
    return {"items": list(items), "next": "more"}


def table(*rows: Facts) -> Table:
    return Table("/x", {"state": "<b>why"}, Asked("at", True, "<b>why"), rows, "more", True)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("template", "facts"),
    [
        ("held.html", {"table": table(JUDGEMENT)}),
        (
            "claims.html",
            {
                "table": table(CLAIM),
                "numbers": {ID: "K-1"},
                "durations": Piece("away"),
                "states": ["open"],
                "state": "open",
            },
        ),
        ("claim.html", {"claim": CLAIM, "order": Piece("here", ORDER), "proof": Piece("away")}),
        ("claim.html", {"claim": CLAIM, "order": Piece("denied"), "proof": Piece("here", {"downloads": [DOWNLOAD]})}),
        ("exports.html", {"table": table(EXPORT), "me": "me"}),
        ("export.html", {"export": EXPORT, "me": "me"}),
        ("export.html", {"export": EXPORT, "me": "another"}),
        ("emails.html", {"table": table(MAIL), "others": Piece("here", listed(NOTICE)), "supports": True}),
        ("withdrawals.html", {"found": LIST, "state": "all", "withdrawals_seen": True}),
        ("withdrawals.html", {"found": {"items": [], "next": None}, "state": "waiting", "withdrawals_seen": True}),
        ("declarant.html", {"declared": FITS_NONE, "who": {"name": "<b>why", "email": None}}),
        ("unexplained.html", {"found": listed(REPAYMENT), "orders": {ID: ORDER}, "books": True, "sells": True}),
        ("unexplained.html", {"found": listed(REPAYMENT), "orders": {}, "books": False, "sells": False}),
        ("missing-files.html", {"table": table({"sku": "A", "name": "Works", "lines": 3, "since": AT})}),
        ("review.html", {"found": listed(ENTRY), "known": {}, "books": True}),
        ("review.html", {"found": listed(ENTRY), "known": {ENTRY["order"]: ORDER | ORDER["totals"]}, "books": True}),
        (
            "allocation.html",
            {"entry": ENTRY, "orders": [ORDER], "others": [ENTRY], "known": {}, "asked": "", "books": True},
        ),
        ("allocation.html", {"entry": ENTRY, "orders": [], "others": [], "known": {}, "asked": "K-1", "books": True}),
        ("start.html", {"cards": [Card("unpaid", "clock", "/orders", Piece("away"))], "lacking": []}),
        (
            "start.html",
            {"cards": [], "lacking": [{"name": "Nordlicht", "missing": [{"text": "imprint", "language": "de"}]}]},
        ),
        (
            "start.html",
            {"cards": [Card("review", "banknotes", "/money/review", Piece("here", {"count": 1234}))], "lacking": []},
        ),
        ("services.html", {"table": table(*(one.row for one in FARES)), "away": 1, "dead": 3, "most": 10_000}),
        (
            "service.html",
            {"service": "orders", "state": "dead", "fares": Piece("away"), "found": DEAD, "table": table(PARKED)},
        ),
        (
            "service.html",
            {"service": "orders", "state": "waiting", "fares": FARES[0].piece, "found": DEAD, "table": table(PARKED)},
        ),
        (
            "service.html",
            {
                "service": "orders",
                "state": "dead",
                "fares": FARES[0].piece,
                "found": Piece("away"),
                "table": table(PARKED),
            },
        ),
        *(("order.html", WHOLE | dict.fromkeys(ASKED, Piece(state))) for state in ("away", "denied", "absent", "none")),
    ],
)
def test_what_is_rare_is_shown_too(template: str, facts: Facts, language: str):
    assert_valid(template, facts, language)


@pytest.mark.parametrize(("language", "title"), [("de", "Hier ist nichts"), ("en", "There is nothing here")])
def test_what_a_service_does_not_know_is_not_here_whatever_it_calls_that(language: str, title: str):
    for kind in ("not-found", "gizmo-unknown"):
        text = page("problem.html", {"problem": Problem(404, kind, "No gizmo."), "layout": "desk.html"}, language)
        assert f"<h1>{title}</h1>" in text
    text = page("problem.html", {"problem": Problem(409, "gizmo-taken", "No."), "layout": "desk.html"}, language)
    assert f"<h1>{title}</h1>" not in text
