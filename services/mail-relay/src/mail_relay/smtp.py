"""The door for SMTP (RFC 5321): a message is judged within the session, and kept before it is answered with 250."""

import asyncio
import contextlib
import hashlib
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from chassis.config import Clock
from chassis.db import Begin
from chassis.identity import KeyRings
from chassis.telemetry import SpanKind, span
from mailing.envelope import Envelopes, Kind, Sent
from uuid_utils.compat import uuid7

from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.senders import SenderAway, Senders
from mail_relay.domain.admission import REFUSALS, Reason, malformed
from mail_relay.domain.alias import Domain
from mail_relay.domain.recipient import Recipient
from mail_relay.usecases import noticing, receiving
from mail_relay.usecases.receiving import Received

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 10
MOST_UNKNOWN = 10
# Each command of a session, but for those that this door bounds otherwise.
MOST_COMMANDS = 200
CLOSED = "421 4.7.0 Too many addresses that do not exist"


@dataclass(frozen=True, slots=True)
class Door:
    """Where mail comes in: address, limits, and the TLS context that STARTTLS begins, None where there is none."""

    host: str
    port: int
    tls: SSLContext | None
    largest: int
    connections: int
    of_one_address: int
    idle_seconds: float = 60
    session_seconds: float = 600
    ports: list[int] = field(default_factory=list[int])


@dataclass(slots=True)
class Hooks:
    """What aiosmtpd asks: for each recipient, and for each message."""

    begin: Begin
    keys: KeyRings
    domain: Domain
    contents: Contents
    senders: Senders
    envelopes: Envelopes
    clock: Clock

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, server: "Connection", session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Take the name of the client."""
        del server, envelope
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: "Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a message."""
        del session
        server.recipients, server.returned = [], None
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: "Connection", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an alias that is open; unknown and closed ones have one answer, and a session may name but a few."""
        del session, options
        if len(server.recipients) >= MOST_RECIPIENTS:
            return str(REFUSALS[Reason.TOO_MANY_RECIPIENTS])
        sent = self.envelopes.read(address, self.clock.now())
        if isinstance(sent, Sent) and not server.recipients:
            server.returned = sent
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        local_part = None if server.returned else self.domain.local_part(address)
        found: Recipient | Reason = Reason.UNKNOWN_ALIAS
        if local_part is not None:
            try:
                async with self.begin() as tx:
                    found = await receiving.recipient(tx, local_part)
            except Exception as error:
                log.warning("no recipient can be looked up", reason=type(error).__name__)
                return str(REFUSALS[Reason.AWAY])
        if isinstance(found, Reason):
            server.unknown += 1
            return CLOSED if server.unknown > MOST_UNKNOWN else str(REFUSALS[found])
        if all(one.conversation.id != found.conversation.id for one in server.recipients):
            server.recipients.append(found)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: "Connection", session: Session, envelope: Envelope
    ) -> str:
        """Judge a message and keep it; 250 says that it outlives a crash."""
        recipients, server.recipients = server.recipients, []
        sent, server.returned = server.returned, None
        content = envelope.original_content or b""
        envelope.content = envelope.original_content = None
        with span("receive a message", SpanKind.SERVER):
            try:
                if sent is not None:
                    return await self._take_back(sent, content)
                reason = await self._judge(session, envelope, recipients, content)
                if reason is None:
                    return await self._keep(recipients, content)
            except (SenderAway, ContentsAway):
                return str(REFUSALS[Reason.AWAY])
            except Exception as error:
                log.exception("a message could not be kept", reason=type(error).__name__)
                return str(REFUSALS[Reason.AWAY])
            await self.refuse(recipients, reason, len(content))
            return str(REFUSALS[reason])

    async def _take_back(self, sent: Sent, content: bytes) -> str:
        """Record what has come back; what else is written to such an address is taken and thrown away (RFC 3834 4)."""
        status = await asyncio.to_thread(self.senders.returned, content)
        if status is not None and sent.kind is Kind.MESSAGE:
            async with self.begin() as tx:
                await noticing.returned(tx, sent.id, status)
        return "250 2.0.0 Noticed"

    async def refuse(self, recipients: list[Recipient], reason: Reason, size: int) -> None:
        """Record a refusal for each conversation that was written to."""
        try:
            async with self.begin() as tx:
                for to in recipients:
                    await receiving.refuse(tx, to, reason, size)
        except Exception as error:
            log.warning("a refusal could not be recorded", reason=type(error).__name__)
        log.info("a message was refused", reason=reason, size=size)

    async def _judge(
        self, session: Session, envelope: Envelope, recipients: list[Recipient], content: bytes
    ) -> Reason | None:
        if malformed(content):
            return Reason.MALFORMED
        peer = str(session.peer[0]) if session.peer else ""
        client = (peer, str(session.host_name or ""), (envelope.mail_from or "").strip("<>"))
        return await self.senders.judge(content, client, recipients, self.keys, self.domain)

    async def _keep(self, recipients: list[Recipient], content: bytes) -> str:
        content_hash = hashlib.sha256(content).digest()
        original = self.senders.message_id(content)
        received: list[Received] = []
        for to in recipients:
            message_id = uuid7()
            key = b64encode(await self.contents.put(message_id, content)).decode()
            received.append(Received(to, message_id, key, len(content), content_hash, original))
        async with self.begin() as tx:
            # in one order, for two messages may be to the same conversations
            for one in sorted(received, key=lambda one: one.to.conversation.id):
                await receiving.keep(tx, one, self.domain)
        return f"250 2.0.0 Kept as {', '.join(str(one.id) for one in received)}"


class Connection(SMTP):
    """One session; it ends after a while, however busy it is, and does not begin where there are too many."""

    def __init__(self, hooks: Hooks, door: Door, open_: "Open", **options: Any) -> None:
        super().__init__(hooks, **options)
        self.recipients: list[Recipient] = []
        self.returned: Sent | None = None
        self.unknown = 0
        self._hooks, self._door, self._open = hooks, door, open_
        self._address: str | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the session, again after STARTTLS, or refuse it."""
        if self._address is None:
            peer = transport.get_extra_info("peername")
            address = str(peer[0]) if peer else ""
            if not self._open.admit(address):
                if isinstance(transport, asyncio.Transport):
                    transport.write(b"421 4.7.0 Too many connections\r\n")
                transport.close()
                return
            self._address = address
            self._end = asyncio.get_running_loop().call_later(self._door.session_seconds, transport.close)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another one."""
        if self._end is not None:
            self._end.cancel()
        if self._address is not None:
            self._open.leave(self._address)
            self._address = None
            super().connection_lost(error)

    async def push(self, status: str | bytes) -> None:
        """Answer; that a message was too large is recorded, which aiosmtpd finds out by itself."""
        if self.recipients and str(status).startswith("552 "):
            recipients, self.recipients = self.recipients, []
            await self._hooks.refuse(recipients, Reason.TOO_LARGE, self._door.largest)
        await super().push(status)
        if status == CLOSED and self.transport is not None:
            self.transport.close()


@dataclass(slots=True)
class Open:
    """The sessions that are open, in all and of each address."""

    door: Door
    of_address: Counter[str] = field(default_factory=Counter[str])

    def admit(self, address: str) -> bool:
        """Count one in, or refuse it."""
        if self.of_address.total() >= self.door.connections or self.of_address[address] >= self.door.of_one_address:
            return False
        self.of_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one out."""
        self.of_address[address] -= 1
        if not self.of_address[address]:
            del self.of_address[address]


@asynccontextmanager
async def listen(
    begin: Begin,
    door: Door,
    keys: KeyRings,
    domain: Domain,
    contents: Contents,
    senders: Senders,
    envelopes: Envelopes,
    clock: Clock,
) -> AsyncGenerator[None]:
    """Take mail at the door until the end."""
    hooks, open_ = Hooks(begin, keys, domain, contents, senders, envelopes, clock), Open(door)

    def connection() -> Connection:
        return Connection(
            hooks,
            door,
            open_,
            data_size_limit=door.largest,
            enable_SMTPUTF8=False,
            hostname=domain.name,
            ident="Kontor",
            tls_context=door.tls,
            timeout=door.idle_seconds,
            command_call_limit=MOST_COMMANDS,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(connection, door.host, door.port)
    door.ports[:] = [socket.getsockname()[1] for socket in server.sockets]
    log.info("mail is taken", host=door.host, port=door.ports[0], starttls=door.tls is not None)
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await server.wait_closed()
