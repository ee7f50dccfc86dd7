"""Addresses beyond ASCII: their letters go where they were written, or honestly nowhere (RFC 6531, RFC 6532)."""

import asyncio
from uuid import uuid4

from aiosmtpd.smtp import SMTP
from chassis_testing import Harness
from contracts.accounts import TenantOpened
from mail_relay.clients.mail_server import MailServer
from mail_relay.domain.sending import Verdict

from .catcher import Catcher
from .sale import buy


async def test_a_name_beyond_ascii_is_written_to_as_it_is(home: Harness, calm: Catcher):
    seller = TenantOpened.model_validate(TenantOpened.EXAMPLE).sellers[0].model_copy(update={"records_keys": []})
    await home.publish(TenantOpened(tenant="kontor", name="Kontor", sellers=[seller]))
    await home.settled()
    name = f"Gro\xdf-{uuid4().hex}"
    await buy(home, email=f"{name}@stra\xdfe.example")
    (mail,) = await calm.mails(f"{name}@xn--strae-oqa.example")
    assert mail["to"] == [f"{name}@xn--strae-oqa.example"]
    async with calm.http.get(f"/mails/{mail['id']}.eml") as answer:
        raw = await answer.read()
    assert f"\r\nTo: {name}@xn--strae-oqa.example\r\n".encode() in raw
    assert b"with UTF8SMTP" in raw
    assert b'\r\nReply-To: "Kontor Software GmbH" <service@kontor.example>\r\n' in raw
    assert "Telefon: +49 40 5550100" in mail["text"]


async def test_a_server_for_ascii_alone_is_not_given_another_address():
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(object(), loop=loop), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, MailServer("127.0.0.1", port, "none", "", "", "kontor.example") as server:
        outcome = await server.hand_over("shop@kontor.example", "gro\xdf@example.org", b"")
    assert (outcome.verdict, outcome.code) == (Verdict.BOUNCED, 553)
    assert outcome.answer == "the server takes no address beyond ASCII"
