"""Forms that send a file, as browsers send them."""

from collections.abc import AsyncGenerator

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from chassis.web import Problem
from pages.visit import Visit

from pages import uploads

VISIT = Visit("v" * 43, False, "de", "127.0.0.1", "/")
MOST = 100_000
Client = TestClient[web.Request, web.Application]


async def _take(request: web.Request) -> web.Response:
    try:
        sent = await uploads.receive(request, VISIT)
        content = await sent.whole(MOST)
    except Problem as refused:
        return web.Response(status=refused.status, text=refused.kind)
    return web.json_response({"fields": sent.fields, "name": sent.name, "type": sent.media_type, "size": len(content)})


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    app = web.Application()
    app.router.add_post("/", _take)
    async with TestClient(TestServer(app)) as found:
        yield found


def form(**fields: str) -> FormData:
    made = FormData()
    for name, value in {"token": VISIT.form_token, **fields}.items():
        made.add_field(name, value, content_type="text/plain")
    return made


async def test_fields_come_before_the_file(client: Client):
    body = form(version=" 2 ")
    body.add_field("file", b"x" * 70_000, filename="setup.exe", content_type="application/x-msdownload; a=b")
    async with client.post("/", data=body) as answer:
        assert await answer.json() == {
            "fields": {"version": "2"},
            "name": "setup.exe",
            "type": "application/x-msdownload",
            "size": 70_000,
        }


async def test_no_file_is_an_empty_one(client: Client):
    body = form()
    body.add_field("file", b"", filename="")
    async with client.post("/", data=body) as answer:
        found = await answer.json()
        assert (found["name"], found["size"]) == ("", 0)


async def test_a_file_that_is_too_large_is_refused(client: Client):
    body = form()
    body.add_field("file", b"x" * (MOST + 1), filename="a")
    async with client.post("/", data=body) as answer:
        assert (answer.status, await answer.text()) == (413, "too-large")


@pytest.mark.parametrize("token", ["", "0" * 64, "ä"])
async def test_a_form_that_is_not_ours_is_refused(client: Client, token: str):
    body = form(token=token)
    body.add_field("file", b"x", filename="a")
    async with client.post("/", data=body) as answer:
        assert (answer.status, await answer.text()) == (403, "form-expired")


async def test_a_form_of_another_site_is_refused(client: Client):
    body = form()
    body.add_field("file", b"x", filename="a")
    async with client.post("/", data=body, headers={"Origin": "https://evil.example"}) as answer:
        assert (answer.status, await answer.text()) == (403, "foreign-form")


async def test_a_long_field_is_refused(client: Client):
    async with client.post("/", data=form(version="x" * 10_000)) as answer:
        assert (answer.status, await answer.text()) == (400, "malformed")


async def test_what_is_no_multipart_is_refused(client: Client):
    async with client.post("/", data={"token": VISIT.form_token}) as answer:
        assert answer.status == 415
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with client.post("/", data=b"nonsense", headers=headers) as answer:
        assert answer.status in (400, 403)
