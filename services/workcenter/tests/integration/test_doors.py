"""The doors of the desk, for whoever has not signed in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from chassis_testing import Harness

PERSON = {"Accept": "text/html"}
PAGES = (
    "/",
    "/search?q=x",
    "/orders",
    "/articles",
    "/downloads",
    "/money",
    "/cases",
    "/rewards",
    "/emails",
    "/erasures",
    "/partners",
    "/acts",
    "/second-factor",
)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_leads_to_signing_in_and_back(desk: Harness, path: str):
    async with desk.http.get(path, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/sign-in?after=/")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/skus/A/files", "/skus/A/serials", "/money/statements"])
async def test_a_file_is_not_read_of_whoever_has_not_signed_in(desk: Harness, path: str):
    body = {"token": "x", "file": "content"}
    async with desk.http.post(path, data=body, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status in (303, 415)


@pytest.mark.parametrize(("language", "title"), [("de", "Anmelden"), ("en-GB", "Sign in")])
async def test_signing_in_is_asked_for_in_the_reader_s_language(desk: Harness, language: str, title: str):
    async with desk.http.get("/sign-in", headers=PERSON | {"Accept-Language": language}) as answer:
        text = await answer.text()
        assert answer.status == 200
        assert f"<h1>{title}</h1>" in text
        assert 'name="tenant"' in text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "HttpOnly" in answer.headers["Set-Cookie"]


async def test_a_form_without_its_token_is_refused(desk: Harness):
    async with desk.http.post("/language", data={"language": "de"}, headers=PERSON) as answer:
        assert answer.status == 403
        assert 'data-problem="form-expired"' in await answer.text()


@pytest.mark.parametrize("tenant", ["no tenant", "-", "a" * 64, "workcenter:x", "é"])
async def test_what_names_no_tenant_is_asked_for_again(desk: Harness, tenant: str):
    async with desk.http.get("/sign-in", params={"tenant": tenant}, headers=PERSON) as answer:
        assert answer.status == 422
        assert (await answer.text()).count('aria-invalid="true"') == 1


async def test_whoever_names_a_tenant_is_led_to_the_pages_of_accounts_for_its_staff(desk: Harness):
    query = {"tenant": " Kontor ", "after": "/orders", "prompt": "login"}
    async with desk.http.get("/sign-in", params=query, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status == 303
        place = urlsplit(answer.headers["Location"])
        visitor, tenant = (answer.cookies[f"workcenter-{name}"].value for name in ("visitor", "tenant"))
    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
    # whoever has no session here is not asked to sign in once more
    assert (place.path, asked["client_id"], "prompt" in asked) == ("/authorize", "workcenter:kontor", False)
    assert (asked["response_type"], asked["code_challenge_method"], tenant) == ("code", "S256", "kontor")
    assert asked["redirect_uri"].endswith("/signed-in")
    assert visitor not in answer.headers["Location"]


async def test_an_answer_that_nobody_has_asked_for_signs_nobody_in(desk: Harness):
    for query in ("", "?code=x&state=y&iss=http://localhost", "?error=login_required"):
        async with desk.http.get(f"/signed-in{query}", headers=PERSON, allow_redirects=False) as answer:
            assert answer.status == 400
            assert 'data-problem="sign-in-torn"' in await answer.text()


async def test_help_and_components_are_there_for_anybody(desk: Harness):
    for path in ("/help", "/design"):
        async with desk.http.get(path, headers=PERSON) as answer:
            assert answer.status == 200


async def test_what_is_not_there_is_shown_as_a_page(desk: Harness):
    async with desk.http.get("/nowhere", headers=PERSON) as answer:
        assert answer.status == 404
        assert 'data-problem="not-found"' in await answer.text()
