"""Somebody who writes and reads with s-nail, behind a Postfix of their own."""

import asyncio
import subprocess
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

from stack.postfix import Postfix, until


class NotSent(Exception):
    """The program could not hand a message over."""


@dataclass(slots=True)
class MailProgram:
    """A mailbox, the server where it is, and the port at which that takes what its owner writes."""

    name: str
    address: str
    server: Postfix
    port: int

    async def write(self, to: str, subject: str, text: str) -> None:
        """Write a message. Raises NotSent."""
        await self._run("-s", subject, to, text=f"{text}\n")

    async def answer(self, text: str) -> None:
        """Answer the latest message in the mailbox. Raises NotSent."""
        await self._run("-#", "-f", f"maildir://{self.server.home}/mail/box", text=f"reply $\n{text}\n~.\nquit\n")

    async def _run(self, *words: str, text: str) -> None:
        settings = {
            "v15-compat": "yes",
            "mta": f"smtp://127.0.0.1:{self.port}",
            "smtp-auth": "none",
            "hostname": self.address.rpartition("@")[2],
            "from": f"{self.name} <{self.address}>",
            "sendwait": "yes",
        }
        options = [word for name, value in settings.items() for word in ("-S", f"{name}={value}")]
        command = ["s-nail", "-n", *options, *words]
        done = await asyncio.to_thread(
            subprocess.run, command, input=text, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise NotSent(done.stdout + done.stderr + self.server.log)

    async def read(self, subject: str) -> EmailMessage:
        """Wait for a message with this in its subject, and return the newest. Raises NotThere."""
        found: list[EmailMessage] = []

        def arrived() -> bool:
            raws = self.server.mails("box", self.address)
            mails = [message_from_bytes(raw, EmailMessage, policy=SMTP_POLICY) for raw in raws]
            found[:] = [mail for mail in mails if subject in mail["Subject"]]
            return bool(found)

        await until(arrived, f"a message about {subject!r} to {self.address}", self.server)
        return found[-1]
