"""Customers write to their seller on a page with files, which are judged as those of a mail (MAIL-7, MAIL-16)."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import FormData
from chassis_testing.harness import until
from contracts.mail_relay import MessageRefused
from mail_relay.domain.carried import MOST_FILES

from .clamd import EICAR
from .conftest import Relay
from .people import Conversation
from .test_policies import publish
from .test_threads import bearer, customer_of, fetched, settled, thread

PDF = b"%PDF-1.4 nothing in it"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
File = tuple[str, bytes, str]


async def write(
    relay: Relay, talk: Conversation, *files: File, caller: UUID | None = None, **fields: str
) -> tuple[int, Any]:
    """What the route answers to the buyer, or to another customer."""
    body = FormData(quote_fields=False)
    for name, value in {"subject": "Frage", "text": "Siehe Anhang.", **fields}.items():
        body.add_field(name, value, content_type="text/plain")
    for name, content, kind in files:
        body.add_field("file", content, filename=name, content_type=kind)
    headers = bearer(relay, talk, caller or await customer_of(relay, talk))
    path = f"/conversations/{talk.id}/messages/with-files"
    async with relay.house.http.post(path, data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def allowed(relay: Relay, talk: Conversation) -> dict[str, Any]:
    headers = bearer(relay, talk, await customer_of(relay, talk))
    async with relay.house.http.get(f"/conversations/{talk.id}/attachments", headers=headers) as answer:
        assert answer.status == 200
        return await answer.json()


async def states(relay: Relay, talk: Conversation) -> list[str]:
    rows = await relay.house.sql("select state from messages where conversation_id = $1 order by number", talk.id)
    return [row["state"] for row in rows]


async def test_MAIL_7_files_of_a_page_reach_the_seller_and_are_read_again(relay: Relay, talk: Conversation):
    text = "Grüße\nZeile zwei".encode()
    files = [('Größe "1".pdf', PDF, "application/pdf"), ("b.png", PNG, "image/png"), ("c.txt", text, "text/plain")]
    status, written = await write(relay, talk, *files)
    assert (status, written["held"]) == (200, False)
    mail = await relay.next_server.one(talk.seller)
    found = [(part.get_content_type(), part.get_payload(decode=True)) for part in mail.iter_attachments()]
    assert found[0] == ("application/pdf", PDF)
    assert found[1] == ("image/png", PNG)
    assert b"Zeile zwei" in bytes(found[2][1])
    assert talk.buyer not in mail.as_string()
    await settled(relay, talk, 1)
    (own,) = (await thread(relay, talk))["messages"]["items"]
    assert own["passages"][0]["text"] == "Siehe Anhang."
    assert [one["size"] for one in own["files"][:2]] == [len(PDF), len(PNG)]
    assert own["files"][0]["name"].startswith("Größe")
    assert (await fetched(relay, talk, own["message"]))[:2] == (200, PDF)


async def test_MAIL_16_files_of_a_page_are_judged_as_those_of_a_mail(relay: Relay, talk: Conversation):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("setup.exe", b"MZ")
    for name, content in (("setup.exe", b"MZ"), ("fotos.zip", packed.getvalue()), ("gut\u202efdp.exe", b"a")):
        status, problem = await write(relay, talk, ("a.pdf", PDF, "application/pdf"), (name, content, "image/png"))
        assert (status, problem["type"], problem["reason"]) == (422, "/problems/not-taken", "attachment")
        assert problem["files"] == [name.replace("\u202e", "")]
    status, held = await write(relay, talk, ("lies.txt", EICAR, "text/plain"))
    assert (status, held["held"]) == (200, True)
    assert await states(relay, talk) == ["held"]
    relay.clamd.away = True
    try:
        assert (await write(relay, talk, ("a.pdf", PDF, "application/pdf")))[0] == 503
    finally:
        relay.clamd.away = False

    async def refused() -> bool:
        found = [one for one in await relay.house.published(MessageRefused) if one.conversation == talk.id]
        return [one.reason for one in found] == ["attachment"] * 3

    await until(refused, what="the refusals")


async def test_a_message_carries_what_a_mail_does_and_no_more(relay: Relay, talk: Conversation):
    takes = await allowed(relay, talk)
    assert takes["files"] == MOST_FILES
    assert "pdf" in takes["kinds"]
    whole = PDF + bytes(takes["octets"] - len(PDF))
    longest = "ä" * 10_000
    assert (await write(relay, talk, ("a.pdf", whole, "application/pdf"), text=longest))[0] == 200
    for files in ([whole + b"x"], [whole, b"x"]):
        sent = [(f"{place}.pdf", content, "application/pdf") for place, content in enumerate(files)]
        status, problem = await write(relay, talk, *sent)
        assert (status, problem["reason"]) == (422, "too_large")
    status, problem = await write(relay, talk, *[("a.txt", b"a", "text/plain")] * (MOST_FILES + 1))
    assert (status, problem["type"]) == (413, "/problems/too-many-files")
    assert len(await states(relay, talk)) == 1


async def test_a_name_with_line_ends_becomes_no_field_of_the_message(relay: Relay, talk: Conversation):
    heads = ("name=subject", "name=text", "name=file; filename*=UTF-8''a%0D%0ABcc%3A%20eve%40evil.example")
    body = "".join(f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\nHallo\r\n" for head in heads)
    token = relay.house.accounts.token(await customer_of(relay, talk), "customer", tenant=talk.tenant)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "multipart/form-data; boundary=x"}
    path = f"/conversations/{talk.id}/messages/with-files"
    async with relay.house.http.post(path, data=f"{body}--x--\r\n", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
    mail = await relay.next_server.one(talk.seller)
    assert mail["Bcc"] is None
    assert [part.get_filename() for part in mail.iter_attachments()] == ["a__Bcc: eve@evil.example"]


async def test_names_and_types_lead_nowhere(relay: Relay, talk: Conversation):
    files = [
        ("../../etc/passwd", b"root", "text/plain"),
        ("x.eml", b"From: a@b.example\r\n\r\nHallo", "message/rfc822"),
    ]
    assert (await write(relay, talk, ("y.pdf", PDF, "multipart/mixed; boundary=z")))[0] == 400
    assert (await write(relay, talk, *files))[0] == 200
    mail = await relay.next_server.one(talk.seller)
    assert mail["Bcc"] is None

    await settled(relay, talk, 1)
    (own,) = (await thread(relay, talk))["messages"]["items"]
    assert not any({"/", "\\", "\r", "\n"} & set(one["name"]) for one in own["files"])


async def test_what_is_sent_twice_is_one_message_and_nobody_else_writes(relay: Relay, talk: Conversation):
    once, file = str(uuid4()), ("a.pdf", PDF, "application/pdf")
    first, again = [await write(relay, talk, file, once=once) for _ in range(2)]
    assert first[0] == 200
    assert first == again
    assert (await write(relay, talk, file, caller=uuid4()))[0] == 404
    headers = bearer(relay, talk, uuid4())
    async with relay.house.http.get(f"/conversations/{talk.id}/attachments", headers=headers) as answer:
        assert answer.status == 404
    assert len(await states(relay, talk)) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"text": "  "}, 422),
        ({"subject": "a\r\nBcc: b@c.example"}, 422),
        ({"once": "x"}, 422),
        ({"text": "4111 1111 1111 1111"}, 422),
        ({"token": "a"}, 400),
        ({"text": "a\0b"}, 400),
    ],
)
async def test_fields_that_do_not_fit_are_refused(
    relay: Relay, talk: Conversation, fields: dict[str, Any], status: int
):
    assert (await write(relay, talk, ("a.pdf", PDF, "application/pdf"), **fields))[0] == status
    assert await states(relay, talk) == []


async def test_MAIL_10_a_shop_that_blocks_malware_and_takes_fewer_kinds_is_obeyed(relay: Relay):
    talk = await relay.converse()
    at = relay.house.clock.now() + timedelta(seconds=1)
    how = {"measures": {"malware": {"action": "block", "threshold": 0}}, "files": ["pdf"]}
    assert (await publish(relay, talk, valid_from=at, urgency="danger", **how))[0] == 201
    relay.house.shift_clock(2)
    assert (await allowed(relay, talk))["kinds"] == ["pdf"]
    status, problem = await write(relay, talk, ("b.png", PNG, "image/png"))
    assert (status, problem["reason"], problem["files"]) == (422, "attachment", ["b.png"])
    status, problem = await write(relay, talk, ("a.pdf", PDF + EICAR, "application/pdf"))
    assert (status, problem["reason"], problem["found"]) == (422, "off_platform", "malware")
    assert await states(relay, talk) == ["blocked"]
