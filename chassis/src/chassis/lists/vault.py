"""Entries of lists at rest: known by a keyed fingerprint, readable with a master key only."""

import hashlib
import hmac
from pathlib import Path
from typing import ClassVar, Self
from uuid import UUID

from chassis.config import read_small
from chassis.identity import MasterKey, SealBroken

FINGERPRINT_BYTES = 16


class Vault:
    """Makes fingerprints, by which entries are looked up, and boxes, from which they are read when they are used.

    A subclass has a `PURPOSE` of its own, so that no two make the same fingerprint.
    """

    PURPOSE: ClassVar = b"kontor list fingerprints"

    def __init__(self, master: MasterKey, pepper: bytes) -> None:
        self._master = master
        self._pepper = hmac.digest(pepper, self.PURPOSE, hashlib.sha256)

    @classmethod
    def from_file(cls, file: Path) -> Self:
        """Read a file of master keys, newest first; its last line makes the fingerprints and stays for ever.

        Raises ValueError without quoting the file.
        """
        master = MasterKey.from_file(file)
        oldest = [line.strip() for line in read_small(file).splitlines() if line.strip()][-1]
        return cls(master, oldest.rstrip(b"="))

    @classmethod
    def from_secret(cls, secret: bytes) -> Self:
        """Make the master key from another secret, which must then stay as it is while there are boxes."""
        key = hmac.digest(secret, b"master key\0" + cls.PURPOSE, hashlib.sha256)
        return cls(MasterKey([key]), key)

    def fingerprint(self, form: str) -> bytes:
        """Return by what an entry is known; it says nothing to whoever lacks the master key's file."""
        return hmac.digest(self._pepper, form.encode(), hashlib.sha256)[:FINGERPRINT_BYTES]

    def hash_of(self, content: bytes) -> bytes:
        """Return by what a file is known."""
        return hmac.digest(self._pepper, b"file\0" + hashlib.sha256(content).digest(), hashlib.sha256)

    def seal(self, text: str, fingerprint: bytes) -> bytes:
        """Seal a text in a box that opens only under its fingerprint."""
        return self._master.wrap(text.encode(), UUID(bytes=fingerprint))

    def open(self, box: bytes, fingerprint: bytes) -> str:
        """Return the text of a box; raises SealBroken."""
        return self._master.unwrap(box, UUID(bytes=fingerprint)).decode()

    def opened(self, box: bytes, fingerprint: bytes) -> str | None:
        """Return the text of a box, or None where it does not open."""
        try:
            return self.open(box, fingerprint)
        except SealBroken:
            return None
