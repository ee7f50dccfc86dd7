"""What is asked of us in a session: whether a recipient is one of ours, and whether a message is taken."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from chassis.config import Clock
from chassis.db import Begin
from chassis.identity import KeyRings
from chassis.telemetry import SpanKind, span
from mailing.envelope import Envelopes, Kind, Sent
from uuid_utils.compat import uuid7

from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.judging import Judged
from mail_relay.clients.senders import SenderAway, Senders
from mail_relay.domain.admission import REFUSALS, Reason, malformed
from mail_relay.domain.alias import Domain
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.policy.policy import Action
from mail_relay.domain.recipient import Recipient
from mail_relay.usecases import receiving, reporting
from mail_relay.usecases.receiving import RateReached, Received

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 10
MOST_UNKNOWN = 10
CLOSED = "421 4.7.0 Too many addresses that do not exist"


@dataclass(slots=True)
class Judge:
    """What aiosmtpd asks in one session: for each recipient, and for each message."""

    begin: Begin
    keys: KeyRings
    domain: Domain
    contents: Contents
    senders: Senders
    envelopes: Envelopes
    clock: Clock
    limits: Limits
    recipients: list[Recipient] = field(default_factory=list[Recipient])
    returned: Sent | None = None
    unknown: int = 0

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Take the name of the client."""
        del server, envelope
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a message."""
        del server, session
        self.recipients, self.returned = [], None
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an alias that is open; unknown and closed ones have one answer, and a session may name but a few."""
        del server, session, options
        if len(self.recipients) >= MOST_RECIPIENTS:
            return str(REFUSALS[Reason.TOO_MANY_RECIPIENTS])
        sent = self.envelopes.read(address, self.clock.now())
        if isinstance(sent, Sent) and not self.recipients:
            self.returned = sent
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        local_part = None if self.returned else self.domain.local_part(address)
        found: Recipient | Reason = Reason.UNKNOWN_ALIAS
        if local_part is not None:
            try:
                async with self.begin() as tx:
                    found = await receiving.recipient(tx, local_part, self.limits)
            except Exception as error:
                log.warning("no recipient can be looked up", reason=type(error).__name__)
                return str(REFUSALS[Reason.AWAY])
        if found is Reason.RATE:
            return str(REFUSALS[found])
        if isinstance(found, Reason):
            self.unknown += 1
            return CLOSED if self.unknown > MOST_UNKNOWN else str(REFUSALS[found])
        if all((one.conversation.id, one.desk) != (found.conversation.id, found.desk) for one in self.recipients):
            self.recipients.append(found)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Judge a message and keep it; 250 says that it outlives a crash."""
        del server
        recipients, self.recipients = self.recipients, []
        sent, self.returned = self.returned, None
        content = envelope.original_content or b""
        envelope.content = envelope.original_content = None
        with span("receive a message", SpanKind.SERVER):
            try:
                if sent is not None:
                    return await self._take_back(sent, content)
                reason = await self._judge(session, envelope, recipients, content)
                if not isinstance(reason, Reason):
                    return await self._keep(reason, content)
            except RateReached:
                reason = Reason.RATE
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
        if status is not None and sent.kind is not Kind.NOTICE:
            returned = reporting.returned if sent.kind is Kind.MESSAGE else reporting.letter_returned
            async with self.begin() as tx:
                await returned(tx, sent, status)
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
    ) -> Reason | Sequence[Judged]:
        if malformed(content):
            return Reason.MALFORMED
        peer = str(session.peer[0]) if session.peer else ""
        client = (peer, str(session.host_name or ""), (envelope.mail_from or "").strip("<>"))
        return await self.senders.judge(content, client, recipients, self.keys, self.domain)

    async def _keep(self, judged: Sequence[Judged], content: bytes) -> str:
        content_hash = hashlib.sha256(content).digest()
        original = self.senders.message_id(content)
        received: list[Received] = []
        # one answer is given for all of them
        blocked = next((one.decision for one in judged if one.decision.action is Action.BLOCK), None)
        for one in judged:
            message_id = uuid7()
            key = b64encode(await self.contents.put(message_id, content)).decode()
            decision = blocked or one.decision
            received.append(Received(one.to, message_id, key, len(content), content_hash, original, decision))
        async with self.begin() as tx:
            # in one order, for two messages may be to the same conversations
            for one in sorted(received, key=lambda one: one.to.conversation.id):
                await receiving.keep(tx, one, self.domain, self.limits)
        if blocked:
            return str(REFUSALS[Reason.OFF_PLATFORM])
        return f"250 2.0.0 Kept as {', '.join(str(one.id) for one in received)}"
