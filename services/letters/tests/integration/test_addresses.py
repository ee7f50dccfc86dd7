"""Addresses beyond ASCII: their letters go where they were written, or honestly nowhere (RFC 6531, RFC 6532)."""

import asyncio
import email
import email.policy
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP
from chassis_testing import Harness
from contracts.accounts import TenantOpened
from contracts.mail_relay import ConversationOpened
from mailing.server import End, MailServer

from .catcher import Catcher
from .sale import Sale, buy, line


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


async def test_MAIL_1_an_answer_goes_to_the_alias_of_the_conversation(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    alias = f"{uuid4().hex}@mail.kontor.example"
    facts = {**ConversationOpened.EXAMPLE, "order": sale.order, "buyer_writes_to": alias}
    await home.publish(ConversationOpened.model_validate(facts))
    await home.settled()
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    (mail,) = await calm.mails(sale.email)
    async with calm.http.get(f"/mails/{mail['id']}.eml") as answer:
        letter: Any = email.message_from_bytes(await answer.read(), policy=email.policy.default)
    assert [found.addr_spec for found in letter["Reply-To"].addresses] == [alias]


async def test_a_name_with_a_comma_and_umlauts_is_one_sender(home: Harness, calm: Catcher):
    tenant, name = f"t-{uuid4().hex[:8]}", 'M\xfcller, S\xf6hne & T\xf6chter "Gro\xdf" GmbH'
    known = TenantOpened.model_validate(TenantOpened.EXAMPLE).sellers[0]
    seller = known.model_copy(update={"records_keys": [], "legal_name": name})
    await home.publish(TenantOpened(tenant=tenant, name=name, sellers=[seller]))
    await home.settled()
    of = line()
    details = {"legal_name": name, "address": "Hafen 1", "vat_id": "DE136695976"}
    sale = Sale(home, [of], name="M\xfcller, J\xfcrgen", tenant=tenant, changes={"seller_details": details})
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    (mail,) = await calm.mails(sale.email)
    async with calm.http.get(f"/mails/{mail['id']}.eml") as answer:
        letter: Any = email.message_from_bytes(await answer.read(), policy=email.policy.default)
    for header, address in (("From", "shop@kontor.example"), ("Reply-To", seller.email), ("To", sale.email)):
        (found,) = letter[header].addresses
        assert (found.addr_spec, found.display_name) == (address, "" if header == "To" else name)


async def test_a_server_for_ascii_alone_is_not_given_another_address():
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(object(), loop=loop), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, MailServer("127.0.0.1", port, "none", "", "", "kontor.example") as server:
        answer = await server.hand_over("shop@kontor.example", "gro\xdf@example.org", b"")
    assert (answer.end, answer.code) == (End.BOUNCED, 553)
    assert answer.text == "the server takes no address beyond ASCII"
