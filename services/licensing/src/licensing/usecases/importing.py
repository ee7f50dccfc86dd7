"""Filling a stock: a file of serials is taken whole or not at all (LIC-1, E29)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

from licensing.domain import serials
from licensing.domain.serials import SerialsRefused
from licensing.store import stocks
from licensing.store.stocks import SealedSerial
from licensing.usecases.issuing import ISSUE_KEYS
from licensing.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file that was read, its serials sealed."""

    file_hash: bytes
    serials: Sequence[SealedSerial]
    repeated: Sequence[int]


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a file; `before` where the same file had been imported already, and nothing was taken now."""

    import_id: UUID
    taken: int
    report: dict[str, Any]
    imported_at: datetime
    before: bool = False


def seal_file(content: bytes, vault: Vault) -> SealedFile:
    """Read a file and seal its serials, which takes a second for 100,000; needs no transaction.

    Raises what `domain.serials.read` raises.
    """
    read = serials.read(content)
    sealed: list[SealedSerial] = []
    for serial in read.serials:
        fingerprint = vault.fingerprint(serial.form)
        sealed.append(SealedSerial(fingerprint, serial.line, vault.seal(serial.text, fingerprint)))
    return SealedFile(vault.hash_of(content), sealed, read.repeated)


async def import_serials(tx: Tx, tenant: str, sku: str, file: SealedFile, by: str, *, skip_duplicates: bool) -> Import:
    """Put a file's serials in stock and issue keys to those who wait; a file imported before is not taken again.

    Raises SerialsRefused with the numbers of the lines that repeat one another or are in stock, unless they are to be
    skipped.
    """
    import_id = tx.new_id()
    if not await stocks.begin_import(tx, tenant, import_id, sku, file.file_hash, by):
        return Import(**await stocks.find_import(tx, tenant, sku, file.file_hash), before=True)
    taken, in_stock = await stocks.add_serials(tx, tenant, sku, import_id, file.serials)
    report = {"repeated": serials.named(file.repeated), "in_stock": serials.named(in_stock)}
    if (file.repeated or in_stock) and not skip_duplicates:
        raise SerialsRefused(report)
    await stocks.fill(tx, tenant, sku, taken)
    await stocks.end_import(tx, tenant, import_id, taken, report)
    tx.wake(ISSUE_KEYS)
    return Import(import_id, taken, report, tx.now)
