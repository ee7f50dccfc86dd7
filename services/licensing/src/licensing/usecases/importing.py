"""Filling a stock: a list of serials is taken whole or not at all (LIC-1, E29)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from chassis.lists import EntryRefused, Kind, Options, Reading, counted, read_list, typed

from licensing.domain import serials
from licensing.domain.keys import KeyMistyped
from licensing.domain.serials import SerialsRefused
from licensing.store import stocks, unreadable
from licensing.store.stocks import SealedSerial
from licensing.usecases.issuing import ISSUE_KEYS
from licensing.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A list that was read, its serials sealed."""

    file_hash: bytes
    serials: Sequence[SealedSerial]
    reading: Reading
    options: Options

    def report(self, in_stock: Sequence[int]) -> dict[str, Any]:
        """Return how many lines there are of each sort, and the first of them; never what stands in them."""
        return self.reading.facts() | {"in_stock": counted(in_stock)}


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a file; `before` where the same file had been imported already, and nothing was taken now.

    A dry run has neither id nor time, and `taken` is what would be taken.
    """

    import_id: UUID | None
    taken: int
    report: dict[str, Any]
    imported_at: datetime | None
    before: bool = False


def seal_file(content: bytes, vault: Vault, options: Options, *, other_makers: bool = False) -> SealedFile:
    """Read a list and seal its serials, which takes a second for 100,000; needs no transaction.

    What looks like a generated key with other check symbols is a fault, unless serials of `other_makers` are in the
    list. Raises what `read_list` raises.
    """
    form = partial(_form, other_makers=other_makers)
    kind = Kind(serials.HEADINGS, form, serials.SHORTEST, serials.LONGEST, serials.MOST_LINES)
    reading = read_list(content, kind, options)
    sealed: list[SealedSerial] = []
    for serial in reading.entries:
        fingerprint = vault.fingerprint(serial.form)
        sealed.append(SealedSerial(fingerprint, serial.line, vault.seal(serial.text, fingerprint)))
    return SealedFile(vault.hash_of(content), sealed, reading, options)


async def import_serials(tx: Tx, tenant: str, sku: str, file: SealedFile, by: str) -> Import:
    """Put a list's serials in stock and issue keys to those who wait; a file imported before is not taken again.

    Raises SerialsRefused with the lines that are faulty, unlike the others, repeated or in stock, unless the options
    of the list allow for them.
    """
    import_id = tx.new_id()
    if not await stocks.begin_import(tx, tenant, import_id, sku, file.file_hash, by):
        return Import(**await stocks.find_import(tx, tenant, sku, file.file_hash), before=True)
    await unreadable.forget(tx, tenant, [serial.fingerprint for serial in file.serials])
    taken, in_stock = await stocks.add_serials(tx, tenant, sku, import_id, file.serials)
    report = file.report(in_stock)
    if file.reading.refused(file.options, in_stock):
        raise SerialsRefused({name: lines for name, lines in report.items() if lines["count"]})
    await stocks.fill(tx, tenant, sku, taken)
    await stocks.end_import(tx, tenant, import_id, taken, report)
    tx.audit("stock", sku, after={"import": import_id, "taken": taken})
    tx.wake(ISSUE_KEYS)
    return Import(import_id, taken, report, tx.now)


async def preview(read: Read, tenant: str, sku: str, file: SealedFile) -> Import:
    """Return what an import would do now, and do nothing."""
    if found := await stocks.find_import(read, tenant, sku, file.file_hash):
        return Import(**found, before=True)
    in_stock = await stocks.in_stock(read, tenant, file.serials)
    taken = 0 if file.reading.refused(file.options, in_stock) else len(file.serials) - len(in_stock)
    return Import(None, taken, file.report(in_stock), None)


async def retry_unreadable(tx: Tx, tenant: str, sku: str, vault: Vault) -> tuple[int, int]:
    """Put serials that did not open back in stock where they open now; return how many do, and how many do not."""
    known = await unreadable.of_sku(tx, tenant, sku)
    readable = [fingerprint for fingerprint, box in known if vault.opened(box, fingerprint) is not None]
    await unreadable.put_back(tx, tenant, readable)
    await stocks.fill(tx, tenant, sku, len(readable))
    tx.audit("stock", sku, after={"readable": len(readable)})
    tx.wake(ISSUE_KEYS)
    return len(readable), len(known) - len(readable)


def _form(text: str, *, other_makers: bool) -> str:
    try:
        return serials.form_of(typed(text), other_makers=other_makers)
    except KeyMistyped:
        raise EntryRefused("looks-like-a-generated-key") from None
