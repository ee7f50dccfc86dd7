"""What is asked of us in a session: whether a recipient is one of ours, and whether a message is taken."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from chassis.config import Clock
from chassis.db import Begin, Read
from chassis.identity import KeyRings
from chassis.telemetry import SpanKind, span
from mailing.envelope import Envelopes, Kind, Sent
from mailing.reports import Arrival
from uuid_utils.compat import uuid7

from mail_relay.clients.contents import Contents, ContentsAway
from mail_relay.clients.judging import Judged
from mail_relay.clients.operator import Operator
from mail_relay.clients.scanning import ScannerAway
from mail_relay.clients.senders import SenderAway, Senders, answered
from mail_relay.domain.admission import REFUSALS, Reason, malformed
from mail_relay.domain.alias import Domains, tag_of
from mail_relay.domain.attempt import Attempt
from mail_relay.domain.attempt import Envelope as Sender
from mail_relay.domain.client import ATTRIBUTES, Client, NotReadable
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.policy.order_message import offer
from mail_relay.domain.policy.policy import Action
from mail_relay.domain.recipient import Recipient
from mail_relay.domain.repetition import fingerprint
from mail_relay.smtp import refusing
from mail_relay.smtp.together import Together
from mail_relay.usecases import receiving, reporting
from mail_relay.usecases.receiving import RateReached, Received

log = structlog.get_logger(__name__)

MOST_RECIPIENTS = 10
MOST_UNKNOWN = 10
CLOSED = "421 4.7.0 Too many addresses that do not exist"


@dataclass(slots=True)
class Judge:
    """What aiosmtpd asks in one session: for each recipient, and for each message.

    `of_edge` says that a server in front of the door speaks, and `client` who hands a message in to that one. With
    `each`, every recipient of a message has an answer of its own. `announced` is the size of one that is too large.
    """

    begin: Begin
    read: Read
    together: Together
    keys: KeyRings
    domains: Domains
    contents: Contents
    senders: Senders
    envelopes: Envelopes
    clock: Clock
    limits: Limits
    operator: Operator
    each: bool = False
    recipients: list[Recipient] = field(default_factory=list[Recipient])
    returned: Sent | None = None
    to_operator: bool = False
    unknown: int = 0
    announced: int = 0
    of_edge: bool = False
    client: Client = field(default_factory=Client)

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Take the name of the client; nobody signs in here."""
        del server, envelope
        self.ended()
        session.host_name = hostname
        offered = [one for one in responses[:-1] if not one.startswith("250-AUTH")]
        extended = [f"250-XFORWARD {ATTRIBUTES}"] if self.of_edge else []
        return [*offered, *extended, "250 ENHANCEDSTATUSCODES"]

    async def handle_RSET(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Forget the message that has begun."""
        del server, session, envelope
        self.ended()
        return "250 2.0.0 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Answer where a command breaks: what strangers say is no text of ours, nor ours theirs."""
        log.warning("a session of SMTP broke", reason=type(error).__name__)
        return str(REFUSALS[Reason.AWAY])

    def ended(self) -> list[Recipient]:
        """End a message, whatever became of it; return its recipients, each conversation once."""
        recipients = {_of(to): to for to in reversed(self.recipients)}
        self.recipients, self.returned, self.to_operator, self.client = [], None, False, Client()
        return list(recipients.values())[::-1]

    def forwarded(self, attributes: str, *, begun: bool) -> str:
        """Take from a server in front who hands the next message in, and return what that is answered."""
        if not self.of_edge:
            return "550 5.7.0 Only servers that are named in DOOR_EDGES say this"
        if begun:
            return "503 5.5.1 A message has begun"
        try:
            self.client = self.client.updated(attributes)
        except NotReadable:
            return "501 5.5.4 These are no attributes of XFORWARD"
        return "250 2.0.0 OK"

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a message."""
        del server, session
        self.recipients, self.returned, self.to_operator = [], None, False
        envelope.mail_from, envelope.mail_options = address, options
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an alias that is open; unknown and closed ones have one answer, and a session may name but a few."""
        del server, options
        operator = self.operator.is_named(address)
        others = bool(self.recipients or self.returned)
        if len(self.recipients) >= MOST_RECIPIENTS or self.to_operator or (operator and others):
            return str(REFUSALS[Reason.TOO_MANY_RECIPIENTS])
        if operator and self.announced:
            return str(REFUSALS[Reason.TOO_LARGE])
        if operator:
            self.to_operator = True
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        sent = self.envelopes.read(address, self.clock.now())
        if isinstance(sent, Sent) and self.returned:
            return str(REFUSALS[Reason.TOO_MANY_RECIPIENTS])  # each report by itself, so that none is lost
        if isinstance(sent, Sent) and not self.recipients:
            self.returned = sent
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 OK"
        local_part = None if self.returned else self.domains.local_part(address)
        found: Recipient | Reason = Reason.UNKNOWN_ALIAS
        if local_part is not None:
            try:
                found = await receiving.recipient(self.read, local_part, tag_of(address), self.limits)
            except Exception as error:
                log.warning("no recipient can be looked up", reason=type(error).__name__)
                return str(REFUSALS[Reason.AWAY])
        if isinstance(found, Recipient) and self.domains.of(found.conversation.tenant).local_part(address) is None:
            found = Reason.UNKNOWN_ALIAS  # it is another tenant's domain
        if found is Reason.RATE:
            return str(REFUSALS[found])
        if isinstance(found, Reason):
            self.unknown += 1
            return CLOSED if self.unknown > MOST_UNKNOWN else str(REFUSALS[found])
        if self.announced:
            self.unknown += 1
            await self.refuse([found], Attempt(Reason.TOO_LARGE, self.announced, self.envelope(session, envelope)))
            return CLOSED if self.unknown > MOST_UNKNOWN else str(REFUSALS[Reason.TOO_LARGE])
        self.recipients.append(found)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Judge a message and keep it; 250 says that it outlives a crash."""
        del server
        sender = self.envelope(session, envelope)
        named, sent, to_operator = list(self.recipients), self.returned, self.to_operator
        recipients = self.ended()
        content = envelope.original_content or b""
        envelope.content = envelope.original_content = None
        with span("receive a message", SpanKind.SERVER):
            if to_operator:
                return await self.operator.hand_on(content, sender.peer, self.clock.now())
            if sent is not None or not self.each:
                return await self._answer(sender, sent, recipients, content)
            answers = {_of(to): await self._answer(sender, None, [to], content) for to in recipients}
            return "\r\n".join(answers[_of(to)] for to in named)

    async def _answer(self, sender: Sender, sent: Sent | None, recipients: list[Recipient], content: bytes) -> str:
        try:
            if sent is not None:
                return await self._take_back(sent, content)
            reason = await self._judge(sender, recipients, content)
            if not isinstance(reason, Reason):
                return await self._keep(reason, content)
        except RateReached:
            reason = Reason.RATE
        except (SenderAway, ContentsAway, ScannerAway):
            return str(REFUSALS[Reason.AWAY])
        except Exception as error:
            log.exception("a message could not be kept", reason=type(error).__name__)
            return str(REFUSALS[Reason.AWAY])
        await self.refuse(recipients, Attempt(reason, len(content), sender, content))
        if reason is Reason.UNTYPED:
            return f"{REFUSALS[reason]} {offer({to.order for to in recipients if to.order is not None})}"
        return str(REFUSALS[reason])

    async def _take_back(self, sent: Sent, content: bytes) -> str:
        """Record what is reported; what else is written to such an address is taken and thrown away (RFC 3834 4)."""
        found = await asyncio.to_thread(self.senders.reported, content)
        if found is None or sent.kind is Kind.NOTICE:
            return "250 2.0.0 Noticed"
        async with self.begin() as tx:
            if sent.kind is Kind.MESSAGE:
                await (
                    reporting.arrived(tx, sent, found)
                    if isinstance(found, Arrival)
                    else reporting.returned(tx, sent, found)
                )
            elif not isinstance(found, Arrival):
                await reporting.letter_returned(tx, sent, found)
        return "250 2.0.0 Noticed"

    def envelope(self, session: Session | None, envelope: Envelope | None) -> Sender:
        """Return who is there, as the next message's envelope has it."""
        peer = str(session.peer[0]) if session and session.peer else ""
        greeting = self.client.greeting or str((session and session.host_name) or "")
        return Sender(self.client.address or peer, greeting, ((envelope and envelope.mail_from) or "").strip("<>"))

    async def refuse(self, recipients: list[Recipient], attempt: Attempt) -> None:
        """Record a refusal for each conversation that was written to."""
        await refusing.refuse(self.begin, self.contents, recipients, attempt)

    async def _judge(self, sender: Sender, recipients: list[Recipient], content: bytes) -> Reason | Sequence[Judged]:
        if malformed(content):
            return Reason.MALFORMED
        session = (sender.peer, sender.greeting, sender.sender)
        return await self.senders.judge(content, session, recipients, self.keys, self.domains)

    async def _keep(self, judged: Sequence[Judged], content: bytes) -> str:
        content_hash = hashlib.sha256(content).digest()
        original, answers = self.senders.message_id(content), answered(content, self.domains)
        received: list[Received] = []
        # one answer is given for all of them
        blocked = next((one.decision for one in judged if one.decision.action is Action.BLOCK), None)
        for one in judged:
            message_id = uuid7()
            key = b64encode(await self.contents.put(message_id, content)).decode()
            decision = blocked or one.decision
            about = (len(content), content_hash, original)
            same = fingerprint(content, _way(one))
            received.append(Received(one.to, message_id, key, *about, decision, answers, one.asked, one.critical, same))
        kept = await self.together.keep(received)
        if blocked:
            return str(REFUSALS[Reason.OFF_PLATFORM])
        return f"250 2.0.0 Kept as {', '.join(map(str, kept))}"


def _of(to: Recipient) -> tuple[UUID, bool]:
    """Tell recipients apart: aliases of one conversation are one, but for its desk."""
    return to.conversation.id, to.desk


def _way(judged: Judged) -> str:
    """Name what a side writes to: a message may go to several of these, and is one for each.

    A copy of which nobody knows who wrote it is another message: the genuine one does not come again by it.
    """
    to = judged.to
    return f"{to.writer} {to.desk} {to.tag}{' unproven' if judged.decision.unproven else ''}"
