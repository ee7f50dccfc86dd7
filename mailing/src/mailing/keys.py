"""The keys that a domain's mail is signed by, as files: one that is to come, one that signs, and former ones."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal

from mailing.signing import Signer, new_key, read_key

Kind = Literal["rsa", "ed25519"]
KINDS: tuple[Kind, Kind] = ("rsa", "ed25519")


class Phase(StrEnum):
    """What a key is for now; all but removed ones stand in DNS."""

    NEXT = "next"
    SIGNING = "signing"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key with its selector, which ends in its kind."""

    file: Path
    signer: Signer

    @property
    def phase(self) -> Phase:
        """What it is for now."""
        return Phase(self.file.suffixes[-2][1:])

    @property
    def kind(self) -> str:
        """Its algorithm."""
        return self.signer.selector.rpartition("-")[2]


@dataclass(frozen=True, slots=True)
class KeyDirectory:
    """A directory with the keys of a domain: `SELECTOR.PHASE.pem`, readable by its owner alone.

    A key signs after it has been in DNS for as long as others keep an old answer, and stays there until all that it has
    signed has arrived; so it goes through three phases, and no mail is ever without proof.
    """

    path: Path
    domain: str

    def __iter__(self) -> Iterator[StoredKey]:
        """Yield all keys by selector. Raises UnusableKey."""
        for file in sorted(self.path.glob("*.*.pem")):
            selector = file.name.split(".")[0]
            yield StoredKey(file, Signer(self.domain, selector, read_key(file.read_bytes())))

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Who signs, one of each kind; of more, which an interrupted rotation leaves, the newest."""
        found = {one.kind: one.signer for one in self if one.phase is Phase.SIGNING}
        return tuple(found.values())

    def add(self, kind: Kind, today: date) -> StoredKey:
        """Make the next key of a kind, or return the one that there is."""
        for one in self:
            if one.phase is Phase.NEXT and one.kind == kind:
                return one
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = {one.signer.selector for one in self}
        names = (f"k{today:%Y%m%d}{letter}-{kind}" for letter in ("", *"bcdefghijklmnopqrstuvwxyz"))
        selector = next(name for name in names if name not in taken)
        file, content = self.path / f"{selector}.{Phase.NEXT}.pem", new_key(kind)
        part = self.path / f"{selector}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
        return StoredKey(file, Signer(self.domain, selector, read_key(content)))

    def rotate(self) -> list[StoredKey]:
        """Let the next keys sign, and those of their kinds that have signed so far no more; return the former."""
        keys = list(self)
        coming = [one for one in keys if one.phase is Phase.NEXT]
        kinds = {one.kind for one in coming}
        for one in coming:
            self._move(one, Phase.SIGNING)
        former = [one for one in keys if one.phase is Phase.SIGNING and one.kind in kinds]
        for one in former:
            self._move(one, Phase.FORMER)
        return coming

    def remove_former(self) -> list[StoredKey]:
        """Destroy the keys of former times; return which."""
        former = [one for one in self if one.phase is Phase.FORMER]
        for one in former:
            one.file.unlink()
        return former

    def _move(self, one: StoredKey, phase: Phase) -> None:
        one.file.rename(self.path / f"{one.signer.selector}.{phase}.pem")
