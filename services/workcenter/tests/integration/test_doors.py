"""The doors of the desk, for whoever has not signed in."""

import re

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
    form = {"tenant": "kontor", "email": "a@example.org", "password": "x"}
    async with desk.http.post("/sign-in", data=form, headers=PERSON) as answer:
        assert answer.status == 403
        assert 'data-problem="form-expired"' in await answer.text()


async def test_a_field_that_is_missing_is_named(desk: Harness):
    async with desk.http.get("/sign-in", headers=PERSON) as answer:
        found = re.search(r'name="token" value="([0-9a-f]{64})"', await answer.text())
        cookie = answer.cookies["workcenter-visitor"].value
    assert found is not None
    form = {"token": found[1], "tenant": "kontor", "email": "", "password": ""}
    headers = PERSON | {"Cookie": f"workcenter-visitor={cookie}"}
    async with desk.http.post("/sign-in", data=form, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 422
        assert text.count('aria-invalid="true"') == 2


async def test_help_and_components_are_there_for_anybody(desk: Harness):
    for path in ("/help", "/design"):
        async with desk.http.get(path, headers=PERSON) as answer:
            assert answer.status == 200


async def test_what_is_not_there_is_shown_as_a_page(desk: Harness):
    async with desk.http.get("/nowhere", headers=PERSON) as answer:
        assert answer.status == 404
        assert 'data-problem="not-found"' in await answer.text()
