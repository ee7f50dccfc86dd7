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
from licensing.store.stocks import KeptSerial
from licensing.usecases.vault import Vault

ISSUE_KEYS = "issue keys"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read, its serials in boxes."""

    file_hash: bytes
    serials: Sequence[KeptSerial]
    repeated: Sequence[int]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file; `before` where the same file had been imported already, and nothing was taken now."""

    import_id: UUID
    taken: int
    report: dict[str, Any]
    imported_at: datetime
    before: bool = False


def prepare(content: bytes, vault: Vault) -> Prepared:
    """Read a file and put its serials in boxes, which takes a second for 100,000; needs no transaction.

    Raises what `domain.serials.read` raises.
    """
    file = serials.read(content)
    kept: list[KeptSerial] = []
    for serial in file.serials:
        fingerprint = vault.fingerprint(serial.form)
        kept.append(KeptSerial(fingerprint, serial.line, vault.close(serial.text, fingerprint)))
    return Prepared(vault.hash_of(content), kept, file.repeated)


async def import_serials(
    tx: Tx, tenant: str, sku: str, prepared: Prepared, by: str, *, skip_duplicates: bool
) -> Imported:
    """Put a file's serials in stock, and wake those who wait for them; a file imported before is not taken again.

    Raises SerialsRefused with the numbers of the lines that repeat one another or are in stock, unless they are to be
    skipped.
    """
    import_id = tx.new_id()
    if not await stocks.begin_import(tx, tenant, import_id, sku, prepared.file_hash, by):
        return Imported(**await stocks.find_import(tx, tenant, sku, prepared.file_hash), before=True)
    taken, in_stock = await stocks.add_serials(tx, tenant, sku, import_id, prepared.serials)
    report = {"repeated": serials.named(prepared.repeated), "in_stock": serials.named(in_stock)}
    if (prepared.repeated or in_stock) and not skip_duplicates:
        raise SerialsRefused(report)
    await stocks.fill(tx, tenant, sku, taken)
    await stocks.end_import(tx, tenant, import_id, taken, report)
    tx.wake(ISSUE_KEYS)
    return Imported(import_id, taken, report, tx.now)
