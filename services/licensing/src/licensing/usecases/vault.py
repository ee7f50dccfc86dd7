"""Texts of keys and serials at rest: known by a keyed fingerprint, readable with the master key only."""

import hashlib
import hmac
from pathlib import Path
from uuid import UUID

from chassis.identity import MasterKey

FINGERPRINT_BYTES = 16


class Vault:
    """Makes fingerprints, by which keys are looked up, and boxes, from which serials are read when they are issued."""

    def __init__(self, master: MasterKey, pepper: bytes) -> None:
        self._master = master
        self._pepper = hmac.digest(pepper, b"kontor licence fingerprints", hashlib.sha256)

    @classmethod
    def from_file(cls, file: Path) -> "Vault":
        """Read a file of master keys, newest first; its last line makes the fingerprints and stays for ever.

        Raises ValueError without quoting the file.
        """
        master = MasterKey.from_file(file)
        oldest = [line.strip() for line in file.read_bytes().splitlines() if line.strip()][-1]
        return cls(master, oldest.rstrip(b"="))

    def fingerprint(self, form: str) -> bytes:
        """Return by what a form of a key is known; it says nothing to whoever lacks the master key's file."""
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
