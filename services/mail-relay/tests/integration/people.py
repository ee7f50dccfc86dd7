"""A buyer and a seller with mailboxes of their own, and what leaves for either."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any
from uuid import UUID

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.accounts import RecordsKey, TenantChanged, TenantOpened
from contracts.mail_relay import ConversationOpened
from contracts.orders import OrderPlaced
from doubles.nameserver import NameServer
from mailing.envelope import Envelopes
from mailing.signing import Signer, new_key, public_record, read_key
from uuid_utils.compat import uuid7

DOMAIN, BOUNCE_SECRET = "mail.shop.example", "a secret of the tests"
BRAND, BRAND_DOMAIN = "brand", "mail.brand.example"
ENVELOPES = Envelopes(DOMAIN, [BOUNCE_SECRET.encode()])
SIGNERS = {domain: Signer(domain, "s1", read_key(new_key("ed25519"))) for domain in ("buyer.example", "seller.example")}


def publish_keys(names: NameServer) -> None:
    """Let the domains of both sides stand for what they sign."""
    for domain, signer in SIGNERS.items():
        names.text(f"s1._domainkey.{domain}", public_record(signer.key))
        names.text(f"_dmarc.{domain}", "v=DMARC1; p=reject")
        names.text(domain, "v=spf1 -all")


@dataclass
class Sink:
    """The next server: what it has taken, and what it answers to recipients instead of 250."""

    port: int = 0
    taken: list[tuple[str, str, bytes]] = field(default_factory=list[tuple[str, str, bytes]])
    answers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if planned := self.answers.get(address):
            return planned.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        for recipient in envelope.rcpt_tos:
            self.taken.append((envelope.mail_from or "", recipient, envelope.original_content or b""))
        return "250 2.0.0 queued"

    def to(self, address: str) -> list[bytes]:
        return [raw for _, recipient, raw in self.taken if recipient == address]

    async def one(self, address: str, at_least: int = 1) -> EmailMessage:
        """The latest message to an address, once there are so many."""

        async def enough() -> list[bytes] | None:
            return found if len(found := self.to(address)) >= at_least else None

        raw = (await until(enough, what=f"{at_least} messages to {address}"))[-1]
        return message_from_bytes(raw, policy=SMTP_POLICY)


@asynccontextmanager
async def sink() -> AsyncGenerator[Sink]:
    """Run a next server."""
    found = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(found, data_size_limit=None), "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


@dataclass
class Conversation:
    """A buyer and a seller who may write to each other about an order."""

    house: Harness
    door: int
    tenant: str
    order: UUID
    buyer: str
    seller: str
    buyer_writes_to: str
    seller_writes_to: str
    id: UUID

    def message(self, sender: str, to: str, text: str = "Guten Tag", **headers: str) -> EmailMessage:
        """A message as a mail program writes it."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["From"] = f"Somebody <{sender}>"
        message["To"] = to
        message["Subject"] = "Frage"
        message["Date"] = "Sun, 29 Nov 2026 09:00:00 +0100"
        message["Message-ID"] = f"<{uuid7()}@{sender.rpartition('@')[2]}>"
        for name, value in headers.items():
            del message[name.replace("_", "-")]
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    async def send(
        self, message: EmailMessage | bytes, sender: str, to: str | list[str], *, signed: bool = True
    ) -> tuple[int, str]:
        """What the door answers."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        domain = sender.rpartition("@")[2]
        if signed and domain in SIGNERS:
            raw = SIGNERS[domain].sign(raw)
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.door, start_tls=False) as client:
            try:
                _, answer = await client.sendmail(sender, to, raw)
                return 250, answer
            except aiosmtplib.SMTPRecipientsRefused as refused:
                first = refused.recipients[0]
                return first.code, first.message
            except aiosmtplib.SMTPResponseException as error:
                return error.code, error.message

    async def ask(self, text: str = "Läuft es auf ARM?", **headers: str) -> tuple[int, str]:
        """The buyer writes."""
        return await self.send(
            self.message(self.buyer, self.buyer_writes_to, text, **headers), self.buyer, self.buyer_writes_to
        )

    async def answer(self, text: str = "Ja.", **headers: str) -> tuple[int, str]:
        """The seller writes."""
        return await self.send(
            self.message(self.seller, self.seller_writes_to, text, **headers), self.seller, self.seller_writes_to
        )


def placed(house: Harness, tenant: str, claims: dict[str, Any], customer: UUID, order: UUID) -> OrderPlaced:
    """An order of a customer with these claims."""
    boxes = {name: claims[name] for name in ("name_profile", "email_profile", "name_contact", "email_contact")}
    facts = {
        **OrderPlaced.EXAMPLE,
        **boxes,
        "tenant": tenant,
        "customer": customer,
        "order": order,
        "order_number": f"K-2026-{order.hex[-6:]}",
        "ordered_at": house.clock.now(),
        "keys": claims["keys"],
    }
    return OrderPlaced.model_validate(facts)


async def open_tenant(
    house: Harness, tenant: str, seller: str | None, kind: type[TenantOpened] | type[TenantChanged] = TenantOpened
) -> None:
    """Open or change a tenant whose one seller is reached at this address."""
    opened = kind.model_validate({**kind.EXAMPLE, "tenant": tenant})
    key = RecordsKey(year=house.clock.now().year, records=house.accounts.new_key())
    sellers = [opened.sellers[0].model_copy(update={"email": seller, "records_keys": [key]})]
    await house.publish(opened.model_copy(update={"sellers": sellers}))


async def converse(
    house: Harness, door: int, buyer: str | None = None, seller: str | None = None, tenant: str | None = None
) -> Conversation:
    """A new buyer orders from a new seller."""
    mark = uuid7().hex[-12:]
    tenant, buyer = tenant or f"t-{mark}", buyer or f"erika.{mark}@buyer.example"
    seller = seller or f"sales.{mark}@seller.example"
    await open_tenant(house, tenant, seller)
    claims, customer, order = house.accounts.person_claims("Erika Musterfrau", buyer), uuid7(), uuid7()
    await house.publish(placed(house, tenant, claims, customer, order))
    opened = await opened_for(house, order)
    addresses = (opened.buyer_writes_to, opened.seller_writes_to)
    return Conversation(house, door, tenant, order, buyer, seller, *addresses, opened.conversation)


async def opened_for(house: Harness, order: UUID) -> ConversationOpened:
    """The event that says where both write."""

    async def there() -> ConversationOpened | None:
        found = [one for one in await house.published(ConversationOpened) if one.order == order]
        return found[-1] if found else None

    return await until(there, what="a conversation")
