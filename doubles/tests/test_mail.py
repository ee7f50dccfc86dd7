"""The mail server's double, called over the wire by aiosmtplib and by hand."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx
import pytest
from aiohttp.test_utils import TestServer
from doubles.mail.__main__ import LISTENER, build


@dataclass
class Catcher:
    """The mail server under test."""

    port: int
    http: httpx.AsyncClient
    directory: Path

    async def send(self, message: EmailMessage | bytes, to: list[str] | None = None, **more: Any) -> str:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, timeout=more.pop("timeout", 10)) as smtp:
            if isinstance(message, EmailMessage):
                return (await smtp.send_message(message, recipients=to, **more))[1]
            return (await smtp.sendmail(more.pop("sender", "s@example.org"), to or ["a@example.org"], message, **more))[
                1
            ]

    async def mails(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.http.get("/api/mails", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def fault(self, **faults: Any) -> None:
        assert (await self.http.post("/api/faults", json=faults)).status_code == 200

    def files(self) -> list[Path]:
        return sorted(self.directory.iterdir())


def new_mail(subject: str = "Hello", text: str = "Grüße", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Shop <shop@example.org>"
    message["To"] = "Ann <ann@example.org>"
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


@pytest.fixture
async def catcher(tmp_path: Path) -> AsyncIterator[Catcher]:
    app = build(tmp_path / "mails", 0)
    async with TestServer(app) as server, httpx.AsyncClient(base_url=str(server.make_url("/")), timeout=10) as http:
        yield Catcher(app[LISTENER].port, http, tmp_path / "mails")


async def test_a_mail_is_on_disk_when_it_is_answered(catcher: Catcher):
    answer = await catcher.send(
        new_mail("Schöne Grüße", html="<p>Hi &amp; <a href='https://shop.example/d?a=1&amp;b=2'>x</a>")
    )
    [file] = catcher.files()
    assert file.name == f"{answer.rpartition(' ')[2]}.eml"
    [mail] = await catcher.mails()
    assert mail["path"] == str(file)
    assert (mail["from"], mail["to"]) == ("Shop <shop@example.org>", ["ann@example.org"])
    assert (mail["subject"], mail["message_id"]) == ("Schöne Grüße", "<1@example.org>")
    assert mail["text"].strip() == "Grüße"
    assert mail["html"].startswith("<p>Hi")
    assert mail["links"] == ["https://shop.example/d?a=1&b=2"]


async def test_a_mail_is_stored_byte_by_byte(catcher: Catcher):
    raw = b"Subject: x\r\n\r\n.dot\r\nbare\n.\nlf\n.\r\nMAIL FROM:<smuggled@example.org> \xff\x00\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", catcher.port)
    await reader.readline()
    for command in (b"HELO me", b"MAIL FROM:<s@example.org>", b"RCPT TO:<a@example.org>", b"DATA"):
        writer.write(command + b"\r\n")
        await reader.readline()
    writer.write(raw.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n")
    assert (await reader.readline()).startswith(b"250 2.0.0 Ok: queued as ")
    assert (await reader.readline()).startswith(b"221")
    writer.close()
    [mail] = await catcher.mails()
    data = (await catcher.http.get(f"/mails/{mail['id']}.eml")).content
    assert data.endswith(b"\r\n" + raw)


async def test_mails_are_found_by_address_and_time(catcher: Catcher):
    await catcher.send(new_mail("one"), ["a@example.org", "b@example.org"])
    await catcher.send(new_mail("two"), ["B@Example.org"])
    await catcher.send(new_mail("three"), ["bb@example.org"])
    assert [mail["subject"] for mail in await catcher.mails(to="b@example.org")] == ["one", "two"]
    second = (await catcher.mails())[1]["received_at"]
    assert [mail["subject"] for mail in await catcher.mails(since=second)] == ["two", "three"]
    moment = datetime.fromisoformat(second).timestamp() - 0.000_5
    assert "three" in [mail["subject"] for mail in await catcher.mails(since=moment)]
    assert "text" not in (await catcher.mails(brief=1))[0]
    assert (await catcher.http.get("/api/mails", params={"since": "soon"})).status_code == 400


async def test_file_names_sort_in_the_order_of_acceptance(catcher: Catcher):
    for number in range(5):
        await catcher.send(new_mail(str(number)))
    assert [b"Subject: %d" % number in file.read_bytes() for number, file in enumerate(catcher.files())] == [True] * 5


async def test_a_restart_finds_the_mails_again(catcher: Catcher):
    forged = b"X-Envelope-To: forged@example.org\r\nReceived: y\r\nSubject: x\r\n\r\nhi\r\n"
    await catcher.send(forged, ["a@example.org"])
    before = await catcher.mails()
    (catcher.directory / ".half.tmp").write_bytes(b"unfinished")
    app = build(catcher.directory, 0)
    async with TestServer(app) as server, httpx.AsyncClient(base_url=str(server.make_url("/"))) as http:
        assert (await http.get("/api/mails")).json() == before
    assert before[0]["to"] == ["a@example.org"]
    assert [file.suffix for file in catcher.files()] == [".eml"]


async def test_international_addresses_and_eight_bits_are_taken(catcher: Catcher):
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=catcher.port) as smtp:
        await smtp.ehlo()
        assert smtp.supports_extension("smtputf8")
        assert smtp.supports_extension("8bitmime")
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        raw = "Subject: Grüße\r\n\r\nwörtlich\r\n".encode()
        await smtp.sendmail("jürgen@example.org", ["søren@example.org"], raw, mail_options=options)
    [mail] = await catcher.mails(to="søren@example.org")
    assert (mail["subject"], mail["text"].strip(), mail["envelope_from"]) == ("Grüße", "wörtlich", "jürgen@example.org")


async def test_a_bounce_without_sender_is_taken(catcher: Catcher):
    await catcher.send(b"Subject: bounce\r\n\r\nx\r\n", sender="")
    assert (await catcher.mails())[0]["envelope_from"] == ""


@pytest.mark.parametrize(("size", "taken"), [(24, True), (26, False)])
async def test_the_size_limit_is_25_megabytes(catcher: Catcher, size: int, taken: bool):
    raw = b"Subject: big\r\n\r\n" + (b"x" * 998 + b"\r\n") * (size * 1024 * 1024 // 1000)
    if not taken:
        with pytest.raises(aiosmtplib.SMTPResponseException) as caught:
            await catcher.send(raw, timeout=30)
        assert caught.value.code == 552
    else:
        await catcher.send(raw, timeout=30)
    assert len(catcher.files()) == (1 if taken else 0)


async def test_hostile_mails_are_shown_harmlessly(catcher: Catcher):
    raw = (
        b"Subject: =?utf-8?q?hi=0D=0ABcc=3A_x?= <script>alert(1)</script>\r\nFrom: \xff<b>\r\n"
        b"Content-Type: text/html; charset=no-such\r\n\r\n<script>alert(2)</script><p>ok</p>\r\n"
    )
    await catcher.send(raw)
    [mail] = await catcher.mails()
    assert "\r" not in mail["subject"]
    assert "\n" not in mail["subject"]
    overview = (await catcher.http.get("/")).text
    one = (await catcher.http.get(f"/mails/{mail['id']}")).text
    assert "&lt;script&gt;" in overview
    assert "<script" not in overview + one
    assert "<iframe sandbox " in one
    theirs = await catcher.http.get(f"/mails/{mail['id']}/html")
    assert "<p>ok</p>" in theirs.text
    assert theirs.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


async def test_the_newest_mail_is_first_on_the_page(catcher: Catcher):
    await catcher.send(new_mail("older"))
    await catcher.send(new_mail("newer"), ["other@example.org"])
    page = (await catcher.http.get("/")).text
    assert page.index("newer") < page.index("older")
    assert "older" not in (await catcher.http.get("/", params={"to": "other@example.org"})).text


async def test_attachments_are_named(catcher: Catcher):
    message = new_mail()
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="bill.pdf")
    await catcher.send(message)
    assert (await catcher.mails())[0]["attachments"] == [{"name": "bill.pdf", "type": "application/pdf", "size": 4}]


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "connect"])
async def test_a_step_is_refused_as_often_as_asked(catcher: Catcher, step: str):
    await catcher.fault(refuse={"code": 451, "text": "4.3.0 Later", "times": 2, "at": step})
    for _ in range(2):
        with pytest.raises((aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)) as caught:
            await catcher.send(new_mail())
        assert "4.3.0 Later" in str(caught.value)
    assert catcher.files() == []
    await catcher.send(new_mail())
    assert len(catcher.files()) == 1


async def test_one_recipient_is_refused_and_the_other_served(catcher: Catcher):
    await catcher.fault(refuse={"code": 550, "at": "rcpt", "to": "gone@example.org"})
    await catcher.send(new_mail(), ["gone@example.org", "here@example.org"])
    assert [mail["to"] for mail in await catcher.mails()] == [["here@example.org"]]


@pytest.mark.parametrize("stored", [True, False])
async def test_the_line_ends_before_the_answer(catcher: Catcher, stored: bool):
    await catcher.fault(hang_up={"times": 1, "stored": stored})
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await catcher.send(new_mail())
    assert len(catcher.files()) == (1 if stored else 0)
    await catcher.send(new_mail())
    assert len(catcher.files()) == (2 if stored else 1)


async def test_the_answer_comes_late(catcher: Catcher):
    await catcher.fault(delay={"seconds": 0.5, "times": 1})
    started = time.monotonic()
    await catcher.send(new_mail())
    assert 0.5 <= time.monotonic() - started < 3


async def test_a_client_that_does_not_wait_leaves_nothing(catcher: Catcher):
    await catcher.fault(delay={"seconds": 0.8})
    with pytest.raises(aiosmtplib.SMTPTimeoutError):
        await catcher.send(new_mail(), timeout=0.3)
    await asyncio.sleep(0.8)
    assert catcher.files() == []


async def test_a_mail_is_read_slowly(catcher: Catcher):
    await catcher.fault(seconds_per_byte=0.000_5)
    started = time.monotonic()
    await catcher.send(new_mail(text="x\n" * 500))
    assert time.monotonic() - started > 0.5
    assert len((await catcher.mails())[0]["text"].split()) == 500


async def test_an_unknown_fault_is_refused(catcher: Catcher):
    assert (await catcher.http.post("/api/faults", json={"refusal": 1})).status_code == 400
    assert (await catcher.http.post("/api/faults", json={"refuse": {"code": 250}})).status_code == 400
    assert (await catcher.http.get("/api/faults")).json()["refuse"] is None


async def test_faults_end_when_they_are_taken_away(catcher: Catcher):
    await catcher.fault(refuse={"code": 554})
    await catcher.http.delete("/api/faults")
    await catcher.send(new_mail())
    assert len(catcher.files()) == 1


async def test_many_mails_at_once_are_each_stored_once(catcher: Catcher):
    answers = await asyncio.gather(*(catcher.send(new_mail(str(number))) for number in range(40)))
    assert len(set(answers)) == len(catcher.files()) == 40
    assert {mail["subject"] for mail in await catcher.mails(brief=1)} == {str(number) for number in range(40)}


async def test_the_program_serves_until_it_is_told_to_stop(tmp_path: Path, unused_tcp_port_factory: Any):
    smtp, port = unused_tcp_port_factory(), unused_tcp_port_factory()
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "doubles.mail", "--smtp-port", str(smtp), "--http-port", str(port)),
        *("--directory", str(tmp_path / "mails")),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(200):
                try:
                    await http.get("/health")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)
            await Catcher(smtp, http, tmp_path).send(new_mail(), ["secret-person@example.org"])
            assert len((await http.get("/api/mails")).json()) == 1
    finally:
        program.terminate()
        _, log = await asyncio.wait_for(program.communicate(), 10)
    assert program.returncode == 0
    assert b"GET /api/mails" in log
    assert b"secret-person" not in log
