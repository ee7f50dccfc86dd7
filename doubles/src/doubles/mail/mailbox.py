"""The mailbox: one file for each mail taken, named by the time at which it was."""

import os
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from . import mime

FORM = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Mail:
    """A mail as it was taken."""

    id: str
    envelope_from: str
    to: tuple[str, ...]
    received_at: datetime
    size: int
    path: Path
    head: mime.Head


class Mailbox:
    """Stores mails in a directory, and finds those that are there already."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory.resolve()
        self._lock = threading.Lock()
        self._last = datetime.fromtimestamp(0, UTC)
        for leftover in self.directory.glob(".*.tmp"):
            leftover.unlink()
        self._mails = {path.stem: _reread(path) for path in sorted(self.directory.glob("*.eml"))}

    def add(self, content: bytes, sender: str, to: list[str], peer: str, protocol: str) -> Mail:
        """Store a mail; on return it is on the disk."""
        at = self._tick()
        key = f"{at.strftime(FORM)}-{secrets.token_hex(3)}"
        path = self.directory / f"{key}.eml"
        lines = [f"Return-Path: <{_plain(sender)}>"]
        lines += [f"X-Envelope-To: {_plain(address)}" for address in to]
        lines.append(f"Received: {_plain(peer)} by mail-catcher with {protocol} id {key}; {format_datetime(at)}")
        data = "".join(f"{line}\r\n" for line in lines).encode() + content
        draft = self.directory / f".{key}.tmp"
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        mail = Mail(key, _plain(sender), tuple(map(_plain, to)), at, len(content), path, mime.head(content))
        with self._lock:
            self._mails[key] = mail
        return mail

    def get(self, key: str) -> Mail | None:
        """Return a mail; None if there is none."""
        return self._mails.get(key)

    def find(self, to: str | None = None, since: datetime | None = None) -> list[Mail]:
        """List mails to an address (of the envelope, in any case) taken at or after a time, oldest first."""
        with self._lock:
            mails = sorted(self._mails.values(), key=lambda mail: mail.id)
        wanted = to.casefold() if to else None
        return [
            mail
            for mail in mails
            if (wanted is None or wanted in [address.casefold() for address in mail.to])
            and (since is None or mail.received_at >= since)
        ]

    def _tick(self) -> datetime:
        # Names must sort in the order of acceptance even where the clock stands still or goes back.
        with self._lock:
            self._last = max(datetime.fromtimestamp(time.time(), UTC), self._last + timedelta(microseconds=1))
            return self._last


def _plain(text: str) -> str:
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _reread(path: Path) -> Mail:
    raw = path.read_bytes()
    sender, to, begin = "", list[str](), 0
    # Only our own lines count, and they end with the Received line; a mail may have fields of the same names itself.
    while begin < len(raw):
        end = raw.find(b"\r\n", begin)
        name, _, value = raw[begin:end].decode("utf-8", "replace").partition(": ")
        begin = end + 2
        if name == "Return-Path":
            sender = value[1:-1]
        elif name == "X-Envelope-To":
            to.append(value)
        if name == "Received" or end < 0:
            break
    at = datetime.strptime(path.stem.split("-")[0], FORM).replace(tzinfo=UTC)
    return Mail(path.stem, sender, tuple(to), at, len(raw) - begin, path, mime.head(raw[begin:]))
