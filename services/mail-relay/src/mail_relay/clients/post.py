"""The mail server (RFC 5321), over connections that are used again."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal, Self

import aiosmtplib
import structlog
from aiosmtplib import SMTP

from mail_relay.domain.sending import UNREADABLE_ADDRESS, Outcome, Verdict
from mail_relay.domain.texts import scrubbed

log = structlog.get_logger(__name__)

IDLE_SECONDS = 20.0
NOT_AVAILABLE = 421
OUR_FAULT = frozenset({530, 534, 535, 538})
AWAY = (aiosmtplib.SMTPException, OSError, TimeoutError)


class Unreachable(Exception):
    """The mail server did not take a letter, and it certainly holds none."""

    def __init__(self, code: int, answer: str) -> None:
        super().__init__(answer)
        self.code, self.answer = code, answer


class NotWritable(Exception):
    """This server cannot be told such an address."""


@dataclass(slots=True)
class Post:
    """Hands letters to the mail server; a failure is an outcome, never an exception."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    user: str
    password: str = field(default="", repr=False)
    our_name: str = ""
    longest: float = 30
    idle: list[tuple[float, SMTP]] = field(default_factory=list[tuple[float, SMTP]])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _since, line in self.idle:
            line.close()
        self.idle.clear()

    async def hand_over(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """Hand a letter over within the longest time allowed; what breaks after the letter began may have arrived."""
        began = False
        line: SMTP | None = None
        try:
            async with asyncio.timeout(self.longest):
                line = await self._greeted(sender, recipient)
                await line.rcpt(recipient, encoding="ascii" if recipient.isascii() else "utf-8")
                began = True
                code, answer = await line.data(content)
        except Unreachable as error:
            return Outcome(Verdict.REFUSED, error.code, scrubbed(error.answer, recipient))
        except NotWritable as error:
            return Outcome(Verdict.BOUNCED, UNREADABLE_ADDRESS, str(error))
        except aiosmtplib.SMTPResponseException as error:
            await self._keep_or_close(line)
            return Outcome(_verdict(error, began=began), error.code, scrubbed(error.message, recipient))
        except AWAY as error:
            if line is not None:
                line.close()
            log.warning("the mail server does not answer", reason=type(error).__name__, letter_began=began)
            verdict = Verdict.LOST if began else Verdict.REFUSED
            return Outcome(verdict, NOT_AVAILABLE, f"no answer ({type(error).__name__})")
        except BaseException:
            if line is not None:
                line.close()
            raise
        self.idle.append((time.monotonic(), line))
        return Outcome(Verdict.ACCEPTED, code, scrubbed(answer, recipient))

    async def _greeted(self, sender: str, recipient: str) -> SMTP:
        """A line on which the server has taken our sender; one that lay idle may have been hung up meanwhile."""
        while self.idle:
            since, line = self.idle.pop()
            if time.monotonic() - since > IDLE_SECONDS or not line.is_connected:
                line.close()
                continue
            try:
                return await self._mail(line, sender, recipient)
            except (aiosmtplib.SMTPServerDisconnected, Unreachable):
                continue
        return await self._mail(await self._connected(), sender, recipient)

    async def _connected(self) -> SMTP:
        """A new line; a server that takes nobody at all says nothing about this letter, whatever its code."""
        line = SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.our_name,
            timeout=self.longest,
            use_tls=self.tls == "implicit",
            start_tls=self.tls == "starttls",
            username=self.user or None,
            password=self.password or None,
        )
        try:
            await line.connect()
            await line.ehlo()
        except aiosmtplib.SMTPResponseException as error:
            line.close()
            raise Unreachable(error.code, error.message) from None
        except BaseException:
            line.close()
            raise
        return line

    async def _mail(self, line: SMTP, sender: str, recipient: str) -> SMTP:
        """Name the sender; a refusal of ours is about this house, not about the customer, and may be mended."""
        try:
            if recipient.isascii():
                await line.mail(sender)
            elif line.supports_extension("smtputf8"):
                await line.mail(sender, options=["SMTPUTF8"], encoding="utf-8")
            else:
                raise NotWritable("the server takes no address beyond ASCII")
        except aiosmtplib.SMTPResponseException as error:
            line.close()
            raise Unreachable(error.code, error.message) from None
        except BaseException:
            line.close()
            raise
        return line

    async def _keep_or_close(self, line: SMTP | None) -> None:
        """After a refusal a line is good for the next letter, if the server lets us begin anew."""
        if line is None:
            return
        try:
            await line.rset(timeout=5)
        except AWAY:
            line.close()
        else:
            self.idle.append((time.monotonic(), line))


def _verdict(error: aiosmtplib.SMTPResponseException, *, began: bool) -> Verdict:
    """What a refusal means (RFC 5321 4.2.1); that we must sign in (RFC 4954: 530 to 538) is our fault."""
    if error.code in OUR_FAULT or 400 <= error.code < 500:
        return Verdict.REFUSED
    if error.code >= 500:
        return Verdict.BOUNCED
    return Verdict.LOST if began else Verdict.REFUSED
