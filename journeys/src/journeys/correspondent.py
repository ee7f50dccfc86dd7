"""Somebody who writes and reads e-mails with a program of their own, from a domain that signs them."""

import email
import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Any
from uuid import uuid4

import aiosmtplib
from mailing.signing import Signer, new_key, public_record, read_key

from journeys.suite import Suite, until

SELECTOR = "s1"


@dataclass(slots=True)
class Correspondent:
    """A mailbox and its program; the mail catcher is where its mail arrives."""

    suite: Suite
    name: str
    address: str
    signer: Signer = field(init=False)
    left_out: set[str] = field(init=False, default_factory=set[str])

    def __post_init__(self) -> None:
        self.signer = Signer(self.address.rpartition("@")[2], SELECTOR, read_key(new_key("ed25519")))

    async def arrive(self, *, afresh: bool = False) -> "Correspondent":
        """Let the domain stand for what its server signs (DKIM, DMARC).

        Who comes `afresh` reads nothing that came before: other tenants' orders have the same numbers.
        """
        if afresh:
            self.left_out = {mail["id"] for mail in await self._mails("")}
        records = {
            f"{SELECTOR}._domainkey.{self.signer.domain}": public_record(self.signer.key),
            f"_dmarc.{self.signer.domain}": "v=DMARC1; p=reject",
        }
        server = f"http://{self.suite.state.host}:{self.suite.state.ports['name-server']}"
        for name, text in records.items():
            await self.suite.call("names", "PUT", f"{server}/records/{name}", json={"TXT": [text]})
        return self

    async def write(self, to: str, subject: str, text: str, answered: EmailMessage | None = None) -> str:
        """Send a message through the relay's door, and return what that answers. Raises SMTPException."""
        message = EmailMessage(policy=email.policy.SMTP)
        message["From"] = f"{self.name} <{self.address}>"
        message["To"] = to
        message["Subject"] = subject
        message["Message-ID"] = f"<{uuid4()}@{self.signer.domain}>"
        if answered is not None:
            message["In-Reply-To"] = message["References"] = answered["Message-ID"]
        message.set_content(text)
        door = aiosmtplib.SMTP(
            hostname=self.suite.state.host, port=self.suite.state.ports["mail-door"], start_tls=False
        )
        async with door:
            _, answer = await door.sendmail(self.address, [to], self.signer.sign(message.as_bytes()))
        return answer

    async def read(self, subject: str) -> EmailMessage:
        """Wait for a message with this in its subject, and return the newest."""
        (found, *_) = await until(partial(self._mails, subject), f"a message about {subject!r}")
        raw = await self.suite.call("mail", "GET", f"{self.suite.state.mail_url}/mails/{found['id']}.eml")
        return email.message_from_string(raw, EmailMessage, policy=email.policy.default)

    async def _mails(self, subject: str) -> list[dict[str, Any]]:
        found = await self.suite.call("mail", "GET", f"{self.suite.state.mail_url}/api/mails?to={self.address}")
        return [mail for mail in reversed(found) if subject in mail["subject"] and mail["id"] not in self.left_out]
