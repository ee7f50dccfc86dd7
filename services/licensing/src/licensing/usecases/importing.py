"""Filling a stock: a list of serials is taken whole or not at all (LIC-1, E29)."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from chassis.lists import EntryRefused, Kind, Options, SealedList, refusal, seal_list, typed

from licensing.domain import serials
from licensing.domain.keys import KeyMistyped
from licensing.domain.licenses import SkuUnknown
from licensing.store import stocks, unreadable
from licensing.usecases.issuing import ISSUE_KEYS
from licensing.usecases.vault import Vault


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


def seal_file(content: bytes, vault: Vault, options: Options, *, other_makers: bool = False) -> SealedList:
    """Read a list and seal its serials; raises what `read_list` raises.

    What looks like a generated key with other check symbols is a fault, unless serials of `other_makers` are in it.
    """
    kind = Kind(partial(_form, other_makers=other_makers), serials.SHORTEST, serials.LONGEST, serials.MOST_LINES)
    return seal_list(content, kind, vault, options)


async def import_serials(tx: Tx, tenant: str, sku: str, file: SealedList, by: str) -> Import:
    """Put a list's serials in stock and issue keys to those who wait; a file imported before is not taken again.

    Raises SkuUnknown where no article of the tenant has the SKU: a serial is sold under one SKU only, so that a
    mistyped one could not be mended. Raises ListRefused with the lines that are faulty, unlike the others, repeated or
    in stock, unless the options of the list allow for them.
    """
    await _check_sku(tx, tenant, sku)
    import_id = tx.new_id()
    if not await stocks.begin_import(tx, tenant, import_id, sku, file.file_hash, by):
        return Import(**await stocks.find_import(tx, tenant, sku, file.file_hash), before=True)
    await unreadable.forget(tx, tenant, [serial.fingerprint for serial in file.entries])
    taken, in_stock = await stocks.add_serials(tx, tenant, sku, import_id, file.entries)
    report = file.report(in_stock=in_stock)
    if file.reading.refused(file.options, in_stock):
        raise refusal(report)
    await stocks.fill(tx, tenant, sku, taken)
    await stocks.end_import(tx, tenant, import_id, taken, report)
    tx.audit("stock", sku, after={"import": import_id, "taken": taken})
    tx.wake(ISSUE_KEYS)
    return Import(import_id, taken, report, tx.now)


async def preview(read: Read, tenant: str, sku: str, file: SealedList) -> Import:
    """Return what an import would do now, and do nothing; raises SkuUnknown."""
    await _check_sku(read, tenant, sku)
    if found := await stocks.find_import(read, tenant, sku, file.file_hash):
        return Import(**found, before=True)
    in_stock = await stocks.in_stock(read, tenant, file.entries)
    return Import(None, file.taken(in_stock), file.report(in_stock=in_stock), None)


async def retry_unreadable(tx: Tx, tenant: str, sku: str, vault: Vault) -> tuple[int, int]:
    """Put serials that did not open back in stock where they open now; return how many do, and how many do not.

    Raises SkuUnknown.
    """
    await _check_sku(tx, tenant, sku)
    known = await unreadable.of_sku(tx, tenant, sku)
    readable = [fingerprint for fingerprint, box in known if vault.opened(box, fingerprint) is not None]
    await unreadable.put_back(tx, tenant, readable)
    await stocks.fill(tx, tenant, sku, len(readable))
    tx.audit("stock", sku, after={"readable": len(readable)})
    tx.wake(ISSUE_KEYS)
    return len(readable), len(known) - len(readable)


async def _check_sku(read: Read, tenant: str, sku: str) -> None:
    if not await stocks.has_article(read, tenant, sku):
        raise SkuUnknown


def _form(text: str, *, other_makers: bool) -> str:
    try:
        return serials.form_of(typed(text), other_makers=other_makers)
    except KeyMistyped:
        raise EntryRefused("looks-like-a-generated-key") from None
