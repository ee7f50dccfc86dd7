"""Forms with files, passed on to a service as they arrive, whatever browsers and others send."""

import asyncio
from collections.abc import AsyncGenerator
from email.message import Message

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from chassis.web import Problem
from pages.forwarding import Allowance, Forwarded
from pages.visit import Visit

from pages import uploads

VISIT = Visit("v" * 43, False, "de", "127.0.0.1", "/")
ALLOWED = Allowance(files=2, size=100_000)
END = "\r\n--x--\r\n"
Client = TestClient[web.Request, web.Application]


async def _pass_on(request: web.Request) -> web.Response:
    try:
        sent = await uploads.receive(request, VISIT, most_files=9, seconds=1)
        body = Forwarded(sent.fields, sent.files(), "file", ALLOWED)
        content = b"".join([piece async for piece in body])
    except Problem as refused:
        return web.Response(status=refused.status, text=refused.kind)
    return web.Response(body=content, headers={"Content-Type": body.media_type})


@pytest.fixture
async def client() -> AsyncGenerator[Client]:
    app = web.Application()
    app.router.add_post("/", _pass_on)
    async with TestClient(TestServer(app)) as found:
        yield found


def part(head: str, value: str) -> str:
    return f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n"


def token(value: str = VISIT.form_token) -> str:
    return part('name="token"', value)


async def sent(client: Client, body: str | bytes, **headers: str) -> tuple[int, str, str]:
    headers = {"Content-Type": "multipart/form-data; boundary=x", **headers}
    data = body.encode() if isinstance(body, str) else body
    async with client.post("/", data=data, headers=headers) as answer:
        return answer.status, await answer.text(errors="replace"), answer.headers["Content-Type"]


def parts_of(content: str, media_type: str) -> list[tuple[str, str | None, str]]:
    head = Message()
    head["Content-Type"] = media_type
    boundary = head.get_param("boundary")
    found: list[tuple[str, str | None, str]] = []
    for piece in content.split(f"--{boundary}")[1:-1]:
        about, _, value = piece.strip("\r\n").partition("\r\n\r\n")
        one = Message()
        one["Content-Disposition"] = about.partition("Content-Disposition: ")[2].partition("\r\n")[0]
        found.append((str(one.get_param("name", header="Content-Disposition")), one.get_filename(), value))
    return found


async def test_fields_and_files_arrive_as_they_were_sent(client: Client):
    body = FormData()
    for name, value in {"token": VISIT.form_token, "subject": " Frage ", "none": ""}.items():
        body.add_field(name, value, content_type="text/plain")
    body.add_field("files", b"", filename="", content_type="application/octet-stream")
    body.add_field("files", b"eins", filename="Größe.txt", content_type="text/plain")
    body.add_field("other", b"zwei", filename="b.pdf", content_type="application/pdf")
    async with client.post("/", data=body) as answer:
        assert answer.status == 200
        content, kind = await answer.text(), answer.headers["Content-Type"]
    assert [(name, value) for name, _, value in parts_of(content, kind)] == [
        ("subject", "Frage"),
        ("none", ""),
        ("file", "eins"),
        ("file", "zwei"),
    ]
    assert "token" not in content


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("", 400, "malformed"),
        (part('name="a"', "b") + END, 403, "form-expired"),
        (token("0" * 64) + END, 403, "form-expired"),
        (token() + token() + END, 400, "malformed"),
        (token("0" * 64) + token() + END, 400, "malformed"),
        (part('name="token"; filename="t"', VISIT.form_token) + token() + END, 403, "form-expired"),
        (token() + part('name="a"', "x" * 5000) + END, 400, "malformed"),
        (token() + "".join(part(f'name="a{one}"', "") for one in range(30)) + END, 400, "malformed"),
        (token() + part("x", "") + END, 400, "malformed"),
        (token() + part('name="a"', "\0") + END, 400, "malformed"),
        # parts within parts, a field behind a file, a body without its end
        (
            token() + "--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n--y--\r\n" + END,
            400,
            "malformed",
        ),
        (token() + part('name="f"; filename="a"', "1") + part('name="a"', "2") + END, 400, "malformed"),
        (token() + part('name="f"; filename="a"', "1").rstrip(), 400, "malformed"),
        (token() + part('name="_charset_"', "x" * 100) + END, 400, "malformed"),
        (token() + "".join(part(f'name="f"; filename="{one}"', "1") for one in range(3)) + END, 413, "too-many-files"),
        (token() + part('name="f"; filename="a"', "x" * 100_001) + END, 413, "too-large"),
        (token() + part('name="f"; filename="a"', "x" * 60_000) * 2 + END, 413, "too-large"),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(client: Client, body: str, status: int, kind: str):
    assert (await sent(client, body))[:2] == (status, kind)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_site_sends_no_files(client: Client, headers: dict[str, str]):
    body = token() + part('name="f"; filename="a"', "1") + END
    assert (await sent(client, body, **headers))[:2] == (403, "foreign-form")


@pytest.mark.parametrize(
    "name",
    [
        'filename="../../etc/passwd"',
        'filename="a%0D%0AContent-Type: text/html.txt"',
        "filename*=UTF-8''a%0d%0aX-Injected%3A%20yes%22%0d%0a%0d%0ahello",
        "filename*=UTF-8''b%22%3B%20name%3D%22token",
    ],
)
async def test_a_name_ends_neither_its_line_nor_its_part(client: Client, name: str):
    status, content, kind = await sent(client, token() + part(f'name="f"; {name}', "1") + END)
    assert status == 200
    assert [(found, value) for found, _, value in parts_of(content, kind)] == [("file", "1")]
    assert "\r\nX-Injected" not in content
    assert 'name="token' not in content


async def test_a_type_is_one_or_that_of_any_bytes(client: Client):
    body = token() + "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\nContent-Type: a b/c/\r\n\r\n1" + END
    assert "application/octet-stream" in (await sent(client, body))[1]


async def test_who_is_slow_is_not_waited_for(client: Client):
    async def slowly() -> AsyncGenerator[bytes]:
        yield token().encode()
        for _ in range(50):
            yield b"--x"
            await asyncio.sleep(0.1)

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with client.post("/", data=slowly(), headers=headers) as answer:
        assert (answer.status, await answer.text()) == (408, "too-slow")


async def test_names_that_are_no_text_are_refused(client: Client):
    body = (
        token().encode()
        + b'--x\r\nContent-Disposition: form-data; name="f"; filename="\xff\xfe"\r\n\r\n1'
        + END.encode()
    )
    assert (await sent(client, body))[:2] == (400, "malformed")
