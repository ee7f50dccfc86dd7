"""The door: SMTP, which takes everything unless a fault says otherwise."""

import asyncio
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from .faults import Board
from .mailbox import Mail, Mailbox

LARGEST = 25 * 1024 * 1024
AN_HOUR = 3600.0
TICK = 0.02


class Clerk:
    """Answers each step of a conversation, and keeps the letter before the 250."""

    def __init__(self, mailbox: Mailbox, board: Board) -> None:
        self._mailbox = mailbox
        self._board = board

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes the sender; the empty one of a bounce is `<>`."""
        if refusal := self._board.refusal("mail", [address]):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a recipient."""
        if refusal := self._board.refusal("rcpt", [address]):
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Takes the letter."""
        faults = self._board.now
        if refusal := self._board.refusal("data", envelope.rcpt_tos):
            return refusal
        delay = faults.delay if faults.delay and faults.delay.spend() else None
        hang_up = faults.hang_up if faults.hang_up and faults.hang_up.spend() else None
        if delay and not delay.stored:
            await asyncio.sleep(delay.seconds)
        if hang_up and not hang_up.stored:
            await _hang_up(server)
        # A client that leaves now leaves a letter that is kept: work begun on the disk is finished.
        mail = await asyncio.shield(asyncio.create_task(self._keep(session, envelope)))
        if delay and delay.stored:
            await asyncio.sleep(delay.seconds)
        if hang_up:
            await _hang_up(server)
        return f"250 2.0.0 Ok: queued as {mail.id}"

    async def _keep(self, session: Session, envelope: Envelope) -> Mail:
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
    # The end of the line cancels the conversation, and with it this wait.
    await asyncio.Event().wait()


class Conversation(SMTP):
    """One connection, read as slowly as the faults say."""

    def __init__(self, mailbox: Mailbox, board: Board) -> None:
        super().__init__(
            Clerk(mailbox, board),
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="mail-catcher",
            ident="ESMTP",
            timeout=AN_HOUR,
            loop=asyncio.get_running_loop(),
        )
        self._board = board
        self._backlog = bytearray()
        self._feeder: asyncio.Task[None] | None = None

    async def _handle_client(self) -> None:
        if refusal := self._board.refusal("connect", []):
            await self.push(refusal)
            if self.transport:
                self.transport.close()
            return
        await super()._handle_client()

    def data_received(self, data: bytes) -> None:
        """Passes on what came in, at once or by and by."""
        if self._board.now.seconds_per_byte <= 0 and not self._backlog:
            super().data_received(data)
            return
        self._backlog += data
        if self._feeder is None:
            self._feeder = asyncio.get_running_loop().create_task(self._feed())

    def connection_lost(self, error: Exception | None) -> None:
        """Ends the slow reading with the line."""
        if self._feeder:
            self._feeder.cancel()
        super().connection_lost(error)

    async def _feed(self) -> None:
        reading = self.transport if isinstance(self.transport, asyncio.ReadTransport) else None
        if reading:
            reading.pause_reading()
        while self._backlog:
            pace = self._board.now.seconds_per_byte
            size = max(1, int(TICK / pace)) if pace > 0 else len(self._backlog)
            await asyncio.sleep(min(size, len(self._backlog)) * pace)
            piece = bytes(self._backlog[:size])
            del self._backlog[:size]
            super().data_received(piece)
        self._feeder = None
        if reading and not reading.is_closing():
            reading.resume_reading()
