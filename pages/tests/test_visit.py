"""Cookies of visitors, and forms that others send in their name."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from chassis.web import Problem
from pages.visit import new_visitor, refuse_foreign, set_cookie


def cookie(public_url: str) -> str:
    response = web.Response()
    set_cookie(response, "storefront-visitor", new_visitor(), public_url)
    return response.cookies.output(header="")


def test_with_tls_a_cookie_is_of_one_host_and_never_sent_in_clear():
    kept = cookie("https://shop.example")
    assert kept.strip().startswith("__Host-storefront-visitor=")
    assert "Secure" in kept
    assert "Path=/" in kept
    assert "Domain" not in kept


@pytest.mark.parametrize("public_url", ["https://shop.example", "http://localhost:8111"])
def test_no_script_reads_a_cookie_and_no_other_site_sends_it_with_a_form(public_url: str):
    kept = cookie(public_url)
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept


def test_a_visitor_is_known_by_256_random_bits():
    assert len(new_visitor()) == 43
    assert len({new_visitor() for _ in range(100)}) == 100


OWN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://shop.example"},
]
FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "null"},
    {"Origin": "https://shop.example.evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
]


@pytest.mark.parametrize("headers", OWN, ids=str)
def test_a_form_of_ours_is_taken(headers: dict[str, str]):
    refuse_foreign(make_mocked_request("POST", "/cart", headers={"Host": "shop.example", **headers}))


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_of_others_is_refused(headers: dict[str, str]):
    with pytest.raises(Problem) as refused:
        refuse_foreign(make_mocked_request("POST", "/cart", headers={"Host": "shop.example", **headers}))
    assert (refused.value.status, refused.value.kind) == (403, "foreign-form")
