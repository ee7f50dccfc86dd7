"""A session of SMTP, as aiosmtpd speaks it, within our bounds."""

import asyncio
from typing import Any, AnyStr

from aiosmtpd.smtp import SMTP

from mail_relay.domain.admission import Reason
from mail_relay.smtp.judging import CLOSED, Judge
from mail_relay.smtp.limits import Door, Open


class Connection(SMTP):
    """One session; it ends after a while, however busy it is, and does not begin where there are too many."""

    def __init__(self, judge: Judge, door: Door, open_: Open, **options: Any) -> None:
        super().__init__(judge, **options)
        self._judge, self._door, self._open = judge, door, open_
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

    async def push(self, status: AnyStr) -> None:
        """Answer; that a message was too large is recorded, which aiosmtpd finds out by itself."""
        if self._judge.recipients and str(status).startswith("552 "):
            recipients, self._judge.recipients = self._judge.recipients, []
            await self._judge.refuse(recipients, Reason.TOO_LARGE, self._door.largest)
        await super().push(status)
        if status == CLOSED and self.transport is not None:
            self.transport.close()
