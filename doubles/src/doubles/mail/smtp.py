"""The SMTP server, which takes every mail unless a fault is switched on."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from .mailbox import Mail, Mailbox
from .switches import Switches

LARGEST = 25 * 1024 * 1024
AN_HOUR = 3600.0
TICK = 0.02


class Handler:
    """Answers each step of a connection, and stores the mail before the 250."""

    def __init__(self, mailbox: Mailbox, switches: Switches) -> None:
        self._mailbox = mailbox
        self._switches = switches

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender; the empty one of a bounce is `<>`."""
        if self._switches.closed:
            return "421 4.3.2 Closing"
        if refusal := self._switches.refusal("mail", [address]):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient."""
        if refusal := self._switches.refusal("rcpt", [address]):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Take the mail."""
        settings = self._switches.now
        if refusal := self._switches.refusal("data", envelope.rcpt_tos):
            return refusal
        delay = settings.delay if settings.delay and settings.delay.spend() else None
        hang_up = settings.hang_up if settings.hang_up and settings.hang_up.spend() else None
        if delay and not delay.stored:
            await asyncio.sleep(delay.seconds)
        if hang_up and not hang_up.stored:
            await _hang_up(server)
        # Storing is finished even if the client disconnects now.
        mail = await asyncio.shield(asyncio.create_task(self._store(session, envelope)))
        if delay and delay.stored:
            await asyncio.sleep(delay.seconds)
        if hang_up:
            await _hang_up(server)
        return f"250 2.0.0 Ok: queued as {mail.id}"

    async def _store(self, session: Session, envelope: Envelope) -> Mail:
        content = envelope.original_content or b""
        sender = envelope.mail_from or ""
        host = session.host_name or "unknown"
        peer: Any = session.peer
        return await asyncio.to_thread(
            self._mailbox.add,
            content,
            "" if sender == "<>" else sender,
            list(envelope.rcpt_tos),
            f"from {host} ([{peer[0]}])" if isinstance(peer, tuple) else f"from {host}",
            "UTF8SMTP" if envelope.smtp_utf8 else "ESMTP",
        )


async def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    # The end of the connection cancels this wait.
    await asyncio.Event().wait()


class Connection(SMTP):
    """One connection, read as slowly as the switches say."""

    def __init__(self, mailbox: Mailbox, switches: Switches) -> None:
        super().__init__(
            Handler(mailbox, switches),
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="mail-catcher",
            ident="ESMTP",
            timeout=AN_HOUR,
            loop=asyncio.get_running_loop(),
        )
        self._switches = switches
        self._backlog = bytearray()
        self._feeder: asyncio.Task[None] | None = None

    async def _handle_client(self) -> None:
        if refusal := self._switches.refusal("connect", []):
            await self.push(refusal)
            if self.transport:
                self.transport.close()
            return
        await super()._handle_client()

    def data_received(self, data: bytes) -> None:
        """Pass on received data, at once or slowly."""
        if self._switches.now.seconds_per_byte <= 0 and not self._backlog:
            super().data_received(data)
            return
        self._backlog += data
        if self._feeder is None:
            self._feeder = asyncio.get_running_loop().create_task(self._feed())

    def connection_lost(self, error: Exception | None) -> None:
        """Stop reading."""
        if self._feeder:
            self._feeder.cancel()
        super().connection_lost(error)

    async def _feed(self) -> None:
        reading = self.transport if isinstance(self.transport, asyncio.ReadTransport) else None
        if reading:
            reading.pause_reading()
        while self._backlog:
            pace = self._switches.now.seconds_per_byte
            size = max(1, int(TICK / pace)) if pace > 0 else len(self._backlog)
            await asyncio.sleep(min(size, len(self._backlog)) * pace)
            piece = bytes(self._backlog[:size])
            del self._backlog[:size]
            super().data_received(piece)
        self._feeder = None
        if reading and not reading.is_closing():
            reading.resume_reading()
