"""The pages of the audit log and of a key's devices, as they are when something rare is to be shown."""

import pytest
from workcenter.domain.acts import About
from workcenter.web.asking import Piece
from workcenter.web.audit import Worded

from services.workcenter.tests.unit.rendering import assert_valid
from services.workcenter.tests.unit.test_rare_pages import AT, ID, ORDER, Facts, table

CHAIN: Facts = {"after": 40, "until": 50, "head": 50, "mark": ID, "faults": [], "next": None}
ACTS: Facts = {
    "service": "orders",
    "services": ["orders"],
    "asked": {"actor": "", "operation": "POST /nothing", "object": ""},
    "worded": [
        Worded("did {what}", About("order", ID, "/x"), "<b>why", "/x"),
        Worded("", About("command", ""), "", ""),
    ],
    "choices": [("POST /x", "did …")],
    "names": {ID: "<b>why"},
    "me": "me",
    "since": "",
    "until": "",
    "checked": False,
}
ACT: Facts = {"number": 1, "at": AT, "actor": ID, "permission": "sales,nothing", "operation": "POST /x", "kind": "x"}
READING: Facts = {**ACT, "object": ID, "purpose": "devices: <b>why", "before": {}, "after": {}}
COMMAND: Facts = {**READING, "actor": "<b>why", "object": "", "purpose": None, "after": {"unchanged": True}}
KEY: Facts = {"license": ID, "sku": "A", "masked_key": "<b>why", "state": "suspended", "devices": 2}
DEVICE: Facts = {"device": ID, "name": "<b>why", "activated_at": AT, "seen_at": AT}
DEVICES: Facts = {
    "order": ORDER,
    "key": KEY,
    "name": "<b>why",
    "devices": [DEVICE, {**DEVICE, "name": None}],
    "more": None,
    "later": None,
}
NOWHERE: Facts = {**DEVICES, "frees": True, "limit": 0, "devices": []}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("template", "facts"),
    [
        ("devices.html", DEVICES | {"frees": True, "limit": 2}),
        ("devices.html", DEVICES | {"frees": False, "limit": None}),
        ("devices.html", DEVICES | {"frees": True, "limit": None, "more": "a&b", "later": "c"}),
        ("devices.html", NOWHERE),
        (
            "audit.html",
            ACTS | {"table": table(), "chain": Piece("here", {**CHAIN, "faults": [{"number": 3, "kind": "changed"}]})},
        ),
        (
            "audit.html",
            ACTS | {"table": table(READING, COMMAND), "chain": Piece("here", {**CHAIN, "after": 0, "next": 5000})},
        ),
        ("audit.html", ACTS | {"table": table(), "chain": Piece("away")}),
        ("act.html", {"act": READING, "worded": ACTS["worded"][0], "me": ID, "service": "orders"}),
    ],
)
def test_what_is_rare_is_shown_too(template: str, facts: Facts, language: str):
    assert_valid(template, facts, language)
