"""What the pages of an account work out by themselves."""

import pytest
from aiohttp.web import HTTPSeeOther
from chassis.web import Problem
from storefront.web.account import room
from storefront.web.account.downloads import address_of
from storefront.web.account.keys import grouped, names_of
from storefront.web.account.overview import is_untouched
from storefront.web.account.redeeming import Redeem


@pytest.mark.parametrize(
    ("delivery", "path", "address"),
    [
        ("http://127.0.0.1:8080", "/t/abc", "http://127.0.0.1:8080/t/abc"),
        ("https://kontor.example/delivery", "/delivery/t/abc", "https://kontor.example/delivery/t/abc"),
        ("https://kontor.example/", "/t/abc", "https://kontor.example/t/abc"),
    ],
)
def test_a_file_is_where_delivery_names_it(delivery: str, path: str, address: str):
    assert address_of(delivery, path) == address


def test_units_that_share_a_key_are_one_row_and_it_is_good_while_one_of_them_is():
    keys = [
        {"unit": "1", "license": "a", "state": "refunded", "device_limit": 3},
        {"unit": "2", "license": "a", "state": "issued", "device_limit": 3},
        {"unit": "3", "license": "a", "state": "issued", "device_limit": 3},
        {"unit": "4", "license": None, "state": "backordered", "device_limit": None},
        {"unit": "5", "license": "b", "state": "revoked", "device_limit": None},
        {"unit": "6", "license": "c", "state": "issued", "device_limit": None},
    ]
    assert [(row["unit"], row["units"], row["state"], row["device_limit"]) for row in grouped(keys)] == [
        ("1", 3, "issued", 6),
        ("4", 1, "backordered", 0),
        ("5", 1, "revoked", 0),
        ("6", 1, "issued", None),
    ]


def test_articles_have_their_names_from_the_order():
    assert names_of({"lines": [{"sku": "A", "name": "Apfel"}]}) == {"A": "Apfel"}
    assert names_of(None) == {}


@pytest.mark.parametrize(
    ("state", "used", "untouched"), [("active", 0, True), ("active", 1, False), ("expired", 0, False)]
)
def test_a_link_waits_for_its_customer_while_it_is_good_and_nothing_was_fetched(state: str, used: int, untouched: bool):
    assert is_untouched({"state": state, "files": [{"used": 0}, {"used": used}]}) is untouched


def test_a_reward_is_sent_where_its_kind_needs():
    address = {"name": "N", "street": "S", "postal_code": "1", "city": "C", "country": "DE"}
    form = Redeem(once="0" * 36, account="KM-1", **address)
    assert form.body("flight", "miles") == {"reward": "flight", "account": "KM-1"}
    assert form.body("basket", "shipment") == {"reward": "basket", "address": address}
    assert form.body("dinner", "voucher") == {"reward": "dinner"}


def test_whoever_signed_in_too_long_ago_is_led_there_and_back_to_the_page():
    stale = Problem(401, "insufficient-user-authentication", "")
    with pytest.raises(HTTPSeeOther) as led:
        room.refused(stale, page="/account/security/email")
    after = "/account/security/email?done%3Dsigned-in-again"
    assert led.value.headers["Location"] == f"/sign-in?prompt=login&after={after}"


def test_a_refusal_stands_beside_its_field_and_what_no_form_mends_is_raised():
    assert room.refused(Problem(409, "email-taken", "")) == {"email": "email-taken"}
    assert room.refused(Problem(429, "throttled", "")) == {"": "throttled"}
    faults = [{"at": "body.address.city", "rule": "string_too_short"}]
    invalid = Problem(422, "invalid", "", faults=faults)
    assert room.refused(invalid, {"address.city": "city"}) == {"city": "string_too_short"}
    with pytest.raises(Problem):
        room.refused(Problem(503, "unavailable", ""))
