"""The mail server (RFC 5321), over connections that are used again."""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Self, cast

import aiosmtplib
import structlog
from aiosmtplib import SMTP

from mailing.texts import scrubbed

log = structlog.get_logger(__name__)

IDLE_SECONDS = 20.0
TAKEN, BEGIN, NOT_AVAILABLE = 250, 354, 421
UNREADABLE_ADDRESS = 553
OUR_FAULT = frozenset({530, 534, 535, 538})
# what would end the address or the command; aiosmtplib writes to a part of such an address, or raises
NOT_AN_ADDRESS = re.compile(r"[\x00-\x20<>\x7f]")
NO_ANSWER = (aiosmtplib.SMTPException, OSError, TimeoutError)


class End(StrEnum):
    """How a handing over ended: `refused` certainly did not reach the next server, `lost` may have."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LOST = "lost"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Answer:
    """The end of a handing over, with the server's code and its text without addresses."""

    end: End
    code: int
    text: str


class Unreachable(Exception):
    """The mail server did not take a letter, and it certainly holds none."""

    def __init__(self, code: int, answer: str) -> None:
        super().__init__(answer)
        self.code, self.answer = code, answer


class NotWritable(Exception):
    """This server cannot be given such an address."""


@dataclass(slots=True)
class MailServer:
    """Hands letters to the mail server; a failure is an answer, never an exception."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    user: str
    password: str = field(default="", repr=False)
    local_hostname: str = ""
    timeout_seconds: float = 30
    idle: list[tuple[float, SMTP]] = field(default_factory=list[tuple[float, SMTP]])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _since, connection in self.idle:
            connection.close()
        self.idle.clear()

    async def hand_over(self, sender: str, recipient: str, *content: bytes, report_as: str = "") -> Answer:
        """Hand a letter, whole or in pieces, over within the timeout; what breaks after it began may have arrived.

        With `report_as`, letters and digits by which it is named there, the servers are asked to report to the sender
        that it arrived, where they offer that (RFC 3461).
        """
        began = False
        connection: SMTP | None = None
        try:
            if NOT_AN_ADDRESS.search(sender + recipient):
                raise NotWritable("this is no address")
            async with asyncio.timeout(self.timeout_seconds):
                connection = await self._begin_mail(sender, recipient, report_as)
                asked = ["NOTIFY=SUCCESS,FAILURE"] if report_as and connection.supports_extension("dsn") else []
                await connection.rcpt(recipient, options=asked, encoding="ascii" if recipient.isascii() else "utf-8")
                began = True
                code, answer = await self._data(connection, content)
        except Unreachable as error:
            return Answer(End.REFUSED, error.code, scrubbed(error.answer, recipient))
        except NotWritable as error:
            return Answer(End.BOUNCED, UNREADABLE_ADDRESS, str(error))
        except aiosmtplib.SMTPResponseException as error:
            await self._keep_or_close(connection)
            return Answer(_end(error, began=began), error.code, scrubbed(error.message, recipient))
        except NO_ANSWER as error:
            if connection is not None:
                connection.close()
            log.warning("the mail server does not answer", reason=type(error).__name__, letter_began=began)
            end = End.LOST if began else End.REFUSED
            return Answer(end, NOT_AVAILABLE, f"no answer ({type(error).__name__})")
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        self.idle.append((time.monotonic(), connection))
        return Answer(End.ACCEPTED, code, scrubbed(answer, recipient))

    async def greet(self) -> Answer:
        """Connect, sign in where a user is named, and part, as before a letter."""
        try:
            async with asyncio.timeout(self.timeout_seconds):
                connection = await self._connect()
        except Unreachable as error:
            return Answer(End.REFUSED, error.code, scrubbed(error.answer, ""))
        except NO_ANSWER as error:
            return Answer(End.REFUSED, NOT_AVAILABLE, f"no answer ({type(error).__name__})")
        connection.close()
        return Answer(End.ACCEPTED, 220, "")

    async def _begin_mail(self, sender: str, recipient: str, report_as: str) -> SMTP:
        """Return a connection on which the server has taken our sender; the server may have closed an idle one."""
        while self.idle:
            since, connection = self.idle.pop()
            if time.monotonic() - since > IDLE_SECONDS or not connection.is_connected:
                connection.close()
                continue
            try:
                return await self._mail(connection, sender, recipient, report_as)
            except (aiosmtplib.SMTPServerDisconnected, Unreachable):
                continue
        return await self._mail(await self._connect(), sender, recipient, report_as)

    async def _connect(self) -> SMTP:
        """Connect anew; a server that refuses everybody has not judged this letter, whatever its code."""
        connection = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.local_hostname,
            timeout=self.timeout_seconds,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password or None,
        )
        try:
            await connection.connect()
            await connection.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            connection.close()
            raise Unreachable(error.code, error.message) from None
        except BaseException:
            connection.close()
            raise
        return connection

    async def _mail(self, connection: SMTP, sender: str, recipient: str, report_as: str) -> SMTP:
        """Name the sender; a refusal of it is about us, not about the customer, and may be put right.

        A recipient beyond ASCII needs a server that offers SMTPUTF8 (RFC 6531 3.2).
        """
        options = ["RET=HDRS", f"ENVID={report_as}"] if report_as and connection.supports_extension("dsn") else []
        try:
            if recipient.isascii():
                await connection.mail(sender, options=options)
            elif connection.supports_extension("smtputf8"):
                await connection.mail(sender, options=[*options, "BODY=8BITMIME", "SMTPUTF8"], encoding="utf-8")
            else:
                raise NotWritable("the server takes no address beyond ASCII")
        except aiosmtplib.SMTPResponseException as error:
            connection.close()
            raise Unreachable(error.code, error.message) from None
        except BaseException:
            connection.close()
            raise
        return connection

    async def _data(self, connection: SMTP, content: Sequence[bytes]) -> tuple[int, str]:
        """Send a letter; aiosmtplib would copy it three times."""
        pieces = [_as_data(piece) for piece in content]
        code, answer = await connection.execute_command(b"DATA")
        if code != BEGIN:
            raise aiosmtplib.SMTPDataError(code, answer)
        protocol, transport = connection.protocol, cast("asyncio.WriteTransport | None", connection.transport)
        if protocol is None or transport is None or transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("the connection is lost")
        end = b".\r\n" if pieces[-1].endswith(b"\r\n") else b"\r\n.\r\n"
        transport.writelines((*pieces, end))
        code, answer = await protocol.read_response(timeout=self.timeout_seconds)
        if code != TAKEN:
            raise aiosmtplib.SMTPDataError(code, answer)
        return code, answer

    async def _keep_or_close(self, connection: SMTP | None) -> None:
        """After a refusal a connection is good for the next letter, if the server lets us begin anew."""
        if connection is None:
            return
        try:
            await connection.rset(timeout=5)
        except NO_ANSWER:
            connection.close()
        else:
            self.idle.append((time.monotonic(), connection))


def _as_data(piece: bytes) -> bytes:
    """Return a piece of a letter, itself if it can be, as it stands after DATA (RFC 5321 4.5.2); a line begins it."""
    pairs = piece.count(b"\r\n")
    if not piece.count(b"\n") == pairs == piece.count(b"\r"):
        piece = re.sub(rb"\r\n|\r|\n", b"\r\n", piece)
    if b"\r\n." in piece:
        piece = piece.replace(b"\r\n.", b"\r\n..")
    return b"." + piece if piece.startswith(b".") else piece


def _end(error: aiosmtplib.SMTPResponseException, *, began: bool) -> End:
    """What a refusal means (RFC 5321 4.2.1); that we must sign in (RFC 4954: 530 to 538) is our fault."""
    if error.code in OUR_FAULT or 400 <= error.code < 500:
        return End.REFUSED
    if error.code >= 500:
        return End.BOUNCED
    return End.LOST if began else End.REFUSED
