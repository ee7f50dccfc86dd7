"""Somebody who writes and reads with s-nail, behind a Postfix of their own."""

import asyncio
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from tempfile import TemporaryDirectory

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
    _last: bytes = b""

    async def write(self, to: str, subject: str, text: str) -> None:
        """Write a message. Raises NotSent."""
        await self._run("-s", subject, to, text=f"{text}\n")

    async def answer(self, text: str) -> None:
        """Answer the message that was read last. Raises NotSent."""
        # of those that came within a second, nothing in the mailbox says which was last
        with _maildir(self._last.replace(b"\r\n", b"\n")) as box:
            await self._run("-#", "-f", f"maildir://{box}", text=f"reply 1\n{text}\n~.\nquit\n")

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
            for raw in self.server.mails("box", self.address):
                mail = message_from_bytes(raw, EmailMessage, policy=SMTP_POLICY)
                if subject in mail["Subject"]:
                    found.append(mail)
                    self._last = raw
            return bool(found)

        await until(arrived, f"a message about {subject!r} to {self.address}", self.server)
        return found[-1]


@contextmanager
def _maildir(raw: bytes) -> Generator[Path]:
    """Make a mailbox with one message for the time of a block."""
    with TemporaryDirectory() as directory:
        box = Path(directory)
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir()
        (box / "new" / "1").write_bytes(raw)
        yield box
