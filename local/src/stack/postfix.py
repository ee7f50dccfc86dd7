"""Postfix as it is installed, several of it at once: the edge as an operator has it, and the servers of both sides."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from stack.stack import ROOT

DEPLOY = ROOT / "deploy/postfix"


class NotThere(Exception):
    """What was waited for did not come, or a program did not do what it should."""


@dataclass(frozen=True, slots=True)
class Postfix:
    """One Postfix that runs: its directory, where all that it has lies, and what it logs."""

    home: Path

    @property
    def log(self) -> str:
        """What it has logged."""
        file = self.home / "log"
        return file.read_text() if file.exists() else ""

    def mails(self, mailbox: str, to: str) -> list[bytes]:
        """What has come into a mailbox for an address, the oldest first, with the ends of lines that SMTP has."""
        found: list[tuple[int, bytes]] = []
        for file in self.home.glob(f"mail/{mailbox}/[nc]*/*"):  # new and cur
            try:
                found.append((file.stat().st_mtime_ns, file.read_bytes().replace(b"\n", b"\r\n")))
            except FileNotFoundError:  # a mail program has it from new to cur meanwhile
                return self.mails(mailbox, to)
        return [raw for _, raw in sorted(found) if f"Delivered-To: {to}\r\n".encode() in raw]


@asynccontextmanager
async def running(main: str, master: str, more: Mapping[str, str]) -> AsyncGenerator[Postfix]:
    """Run a Postfix with these two files and further settings; `{home}` in these is its directory."""
    # Postfix is another user than who tests, and a path of a socket is short
    home = Path(mkdtemp(prefix="postfix-", dir="/tmp"))
    await asyncio.to_thread(home.chmod, 0o755)
    settings = {
        "queue_directory": "{home}/queue",
        "data_directory": "{home}/data",
        "maillog_file": "{home}/log",
        "maillog_file_prefixes": "{home}",
        "alias_maps": "",
        "alias_database": "",
        "inet_protocols": "ipv4",
        "inet_interfaces": "127.0.0.1",
        **more,
    }
    (home / "queue").mkdir()
    for name, owner in (("data", "postfix"), ("mail", "nobody")):
        (home / name).mkdir()
        shutil.chown(home / name, owner)
    lines = [f"{name} = {value.replace('{home}', str(home))}" for name, value in settings.items()]
    (home / "main.cf").write_text("\n".join([main, *lines, ""]))
    (home / "master.cf").write_text(master)
    try:
        await _postfix(home, "start")
        yield Postfix(home)
    finally:
        try:
            await _postfix(home, "stop")
        finally:
            shutil.rmtree(home, ignore_errors=True)


def edge(port: int, out: int, door: int, lmtp: int, more: Mapping[str, str]) -> AbstractAsyncContextManager[Postfix]:
    """Run what `deploy/postfix` has, with ports and paths of the test."""
    master = (DEPLOY / "master.cf").read_text()
    for shipped, ours in (
        ("smtp       inet", f"127.0.0.1:{port} inet"),
        ("127.0.0.1:2525", f"127.0.0.1:{door}"),
        ("127.0.0.1:10587", f"127.0.0.1:{out}"),
    ):
        master = _with(master, shipped, ours)
    main = _with((DEPLOY / "main.cf").read_text(), "inet:[127.0.0.1]:2424", f"inet:[127.0.0.1]:{lmtp}")
    return running(main, master, more)


def side(
    domain: str, address: str, port: int, boxes: Sequence[str], more: Mapping[str, str]
) -> AbstractAsyncContextManager[Postfix]:
    """Run the server of one side's domain, which comes from an address of its own.

    It has these mailboxes, each for what begins with its name and a dot.
    """
    main = "compatibility_level = 3.6\nmydestination =\nmynetworks = 127.0.0.0/8\nsmtpd_relay_restrictions = "
    main += "permit_mynetworks, reject\nsmtpd_recipient_restrictions = reject_unlisted_recipient\n"
    shipped = (DEPLOY / "master.cf").read_text()
    rest = shipped[shipped.index("pickup") :]
    master = f"127.0.0.1:{port} inet n - n - - smtpd\n{rest}virtual unix - n n - - virtual\n"
    mailboxes = " ".join(f"{{/^{box}[.]/ {box}/}}" for box in boxes)
    settings = {
        "myhostname": f"mx.{domain}",
        "virtual_mailbox_domains": domain,
        "virtual_mailbox_base": "{home}/mail",
        "virtual_mailbox_maps": f"regexp:{{{mailboxes}}}",
        "virtual_uid_maps": "static:65534",
        "virtual_gid_maps": "static:65534",
        "smtp_bind_address": address,
        **more,
    }
    return running(main, master.replace("  y  ", "  n  "), settings)


async def until(found: Callable[[], object], what: str, *servers: Postfix) -> None:
    """Wait until something is there. Raises NotThere with what the servers logged."""
    try:
        async with asyncio.timeout(60):
            while not found():  # noqa: ASYNC110 -- files say nothing by themselves
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise NotThere(f"{what} did not come\n" + "\n".join(one.log for one in servers)) from None


def _with(text: str, shipped: str, ours: str) -> str:
    if shipped not in text:
        raise NotThere(f"deploy/postfix does not have {shipped!r}")
    return text.replace(shipped, ours)


async def _postfix(home: Path, command: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, ["/usr/sbin/postfix", "-c", str(home), command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotThere(f"postfix {command}: {done.stdout}{done.stderr}{Postfix(home).log}")
