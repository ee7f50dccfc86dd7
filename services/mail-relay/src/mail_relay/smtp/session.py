"""A session of SMTP or LMTP, as aiosmtpd speaks it, within our bounds."""

import asyncio
import re
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP

from mail_relay.domain.admission import REFUSALS, Reason
from mail_relay.domain.attempt import Attempt
from mail_relay.smtp.content import read_content
from mail_relay.smtp.judging import CLOSED, Judge
from mail_relay.smtp.limits import Door, Open

_SIZE = re.compile(r"[ \t]SIZE=([0-9]{1,18})(?![^ \t])", re.IGNORECASE)
# most are spelt so; of a parser for all that the RFC allows a command would take ten times as long
PLAIN_ADDRESS = re.compile(
    r"<([\w=+-]+(?:\.[\w=+-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)> *([A-Za-z][^()]*)?", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Connection(SMTP):
    """One session; it ends after a while, however busy it is, and does not begin where there are too many."""

    def __init__(self, judge: Judge, door: Door, open_: Open, **options: Any) -> None:
        super().__init__(judge, **options)
        self._judge, self._door, self._open = judge, door, open_
        self._address: str | None = None
        self._end: asyncio.TimerHandle | None = None
        self._last_data_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the session, again after STARTTLS, or refuse it."""
        if self._address is None:
            peer = transport.get_extra_info("peername")
            address = str(peer[0]) if peer else ""
            if refusal := self._refusal(address):
                if isinstance(transport, asyncio.Transport):
                    transport.write(refusal)
                transport.close()
                return
            self._address = address
            self._end = asyncio.get_running_loop().call_later(self._door.session_seconds, transport.close)
            self._judge.of_edge = self._open.is_edge(address)
        super().connection_made(transport)

    def _refusal(self, address: str) -> bytes | None:
        """Count the session in, or return what it is refused with."""
        return None if self._open.admit(address) else b"421 4.7.0 Too many connections\r\n"

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another one."""
        if self._end is not None:
            self._end.cancel()
        if self._address is not None:
            self._open.leave(self._address)
            self._address = None
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Go on as long as something comes: a large message over a slow line takes longer than one may be idle."""
        now = asyncio.get_running_loop().time()
        if now - self._last_data_at > self._door.idle_seconds / 10:
            self._last_data_at = now
            self._reset_timeout()
        super().data_received(data)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd's name
        """Begin a message; one that announces to be too large is refused once it is known to whom, and recorded."""
        found = _SIZE.search(arg or "")
        size = int(found[1]) if found else 0
        too_large = size > self._door.largest
        await super().smtp_MAIL(_SIZE.sub("", arg or "") if too_large else arg)
        self._judge.announced = size if too_large else 0

    async def smtp_XFORWARD(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd's name
        """Take from a server in front who its client is."""
        await self.push(self._judge.forwarded(arg or "", begun=bool(self.envelope and self.envelope.mail_from)))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Read an address and what follows it; a line within a line is neither (F-M05)."""
        if _CONTROL.search(arg):
            return None, None
        found = PLAIN_ADDRESS.fullmatch(arg)
        return (found[1], found[2] or "") if found else super()._getaddr(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd's name
        """Take a message; that one was too large is recorded."""
        session, envelope = self.session, self.envelope
        if session is None or envelope is None or not envelope.rcpt_tos or arg:
            await self.push("501 5.5.4 DATA has no parameters" if arg else "503 5.5.1 RCPT comes before DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        envelope.original_content = await read_content(self._reader, self._door.largest)
        if envelope.original_content is None:
            attempt = Attempt(Reason.TOO_LARGE, self._door.largest, self._judge.envelope(session, envelope))
            await self._judge.refuse(self._judge.ended(), attempt)
            answer = self._of_message(str(REFUSALS[Reason.TOO_LARGE]))
        else:
            answer = await self._judge.handle_DATA(self, session, envelope)
        self._set_post_data_state()
        await self.push(answer)

    async def push(self, status: AnyStr) -> None:
        """Answer."""
        answer = str(status)
        await super().push(answer)
        if answer == CLOSED and self.transport is not None:
            self.transport.close()

    def _of_message(self, answer: str) -> str:
        """Return the answer to a message."""
        return answer


class LmtpConnection(Connection):
    """One session of LMTP (RFC 2033): after a message there is an answer for each recipient that was taken."""

    def _refusal(self, address: str) -> bytes | None:
        if not self._open.is_edge(address):
            return b"554 5.7.1 Only servers that are named in DOOR_EDGES speak LMTP here\r\n"
        return super()._refusal(address)

    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        """Take the greeting."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        """Refuse the greeting of SMTP (RFC 2033 4.1)."""
        await self.push("500 5.5.1 This is LMTP: LHLO")

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802 -- aiosmtpd's name
        """Refuse the greeting of SMTP (RFC 2033 4.1)."""
        await self.smtp_HELO(arg)

    def _of_message(self, answer: str) -> str:
        return "\r\n".join([answer] * len(self.envelope.rcpt_tos if self.envelope else [])) or answer
