"""For whom somebody acts stands in their token; a page without one acts for nobody."""

import base64

import orjson
import pytest
from pages.acting import acting_of
from pages.visit import Session


def session(claims: object) -> Session:
    payload = base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=").decode()
    return Session("kontor", "one", "Nina", ("customer",), f"head.{payload}.signature")


@pytest.mark.parametrize(
    ("role", "buys", "sees_all", "uses_all"),
    [("owner", True, True, True), ("buyer", True, False, False), ("auditor", False, True, False)],
)
def test_the_role_says_what_pages_offer(role: str, *, buys: bool, sees_all: bool, uses_all: bool):
    claim = {"organisation": "1", "role": role, "name": "Söhne & Töchter", "vat_id": None}
    acting = acting_of(session({"organisation": claim}))
    assert acting is not None
    assert (acting.name, acting.buys) == ("Söhne & Töchter", buys)
    assert (acting.sees_all, acting.uses_all) == (sees_all, uses_all)


def test_who_acts_for_themself_has_none():
    assert acting_of(None) is None
    assert acting_of(session({})) is None
    assert acting_of(Session("kontor", "one", "Nina", ("customer",), "no token of accounts")) is None
