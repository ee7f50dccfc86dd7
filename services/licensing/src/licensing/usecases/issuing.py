"""Issuing keys: one for each paid and released unit, in the order of payment, from a stock or made (LIC-2 to LIC-4)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.sealing import seal
from chassis.telemetry import span
from contracts.licensing import LicenseBackordered, LicenseIssued, SerialStockLow
from contracts.shared import KeySource

from licensing.domain.keys import forms, generate, tail
from licensing.domain.stock import Stock, Unit, handed_out
from licensing.store import stocks, units
from licensing.store.units import Due, License
from licensing.usecases.vault import Vault

BATCH = 200
Place = tuple[str, UUID, UUID]


async def issue_keys(tx: Tx, vault: Vault) -> bool:
    """Give keys to the units whose turn it is, and say which have to wait; true where there may be more."""
    waiting = await units.lock_waiting(tx, tx.now, BATCH)
    known = {_place(due.unit): due for due in waiting}
    texts = [(due.unit, generate(due.unit.key_prefix)) for due in waiting if _source(due) is KeySource.GENERATED]
    short: list[Unit] = []
    from_stock = [due.unit for due in waiting if _source(due) is KeySource.IMPORTED]
    skus = {(unit.tenant, unit.sku) for unit in from_stock} | set(await stocks.refillable(tx))
    for stock in await stocks.lock(tx, skus) if skus else []:
        wanting = [unit for unit in from_stock if (unit.tenant, unit.sku) == (stock.tenant, stock.sku)]
        queue = await units.lock_backordered(tx, stock.tenant, stock.sku, BATCH) if stock.available else []
        known |= {_place(due.unit): due for due in queue}
        if len(queue) == BATCH:  # More are behind these: who has paid later than they comes in a later turn.
            wanting = [unit for unit in wanting if unit.turn < queue[-1].unit.turn]
        given, left = await _give(tx, vault, stock, [*wanting, *(due.unit for due in queue)])
        texts += given
        short += [unit for unit in left if unit.state == "waiting"]
    await _issue(tx, vault, texts, known)
    await _backorder(tx, short, known)
    return bool(waiting or texts)


async def _give(
    tx: Tx, vault: Vault, stock: Stock, wanting: Sequence[Unit]
) -> tuple[list[tuple[Unit, str]], list[Unit]]:
    """Units with the text of the serial each gets, and those that get none."""
    free = await stocks.take(tx, stock.tenant, stock.sku, min(stock.available, len(wanting)))
    given, left = handed_out(wanting, free)
    await stocks.hand_out(tx, stock.tenant, [(fingerprint, unit.unit) for unit, (fingerprint, _) in given])
    rest = stock.less(len(given))
    if rest.falls_low:
        tx.say(SerialStockLow(tenant=rest.tenant, sku=rest.sku, left=rest.available, low_stock=rest.low_stock))
    await stocks.keep(tx, rest.said())
    return [(unit, vault.open(box, fingerprint)) for unit, (fingerprint, box) in given], left


async def _issue(tx: Tx, vault: Vault, texts: Sequence[tuple[Unit, str]], known: Mapping[Place, Due]) -> None:
    issued: list[License] = []
    for unit, text in texts:
        due = known[_place(unit)]
        # A generated key is known by its second form, in which letters that look alike are one.
        fingerprint = vault.fingerprint(forms(text)[-1 if _source(due) is KeySource.GENERATED else 0])
        box = seal(text, due.contact, "license_key")
        new = License(unit, tx.new_id(), fingerprint, tail(text), box)
        issued.append(new)
        facts: dict[str, Any] = due.header | {
            "line": unit.line,
            "unit": unit.unit,
            "license": new.license,
            "sku": unit.sku,
        }
        with span("issue a key", traceparent=due.traceparent):
            tx.say(LicenseIssued(**facts, license_key=box, issued_at=tx.now))
    if issued:
        await units.issue(tx, issued)


async def _backorder(tx: Tx, short: Sequence[Unit], known: Mapping[Place, Due]) -> None:
    for unit in short:
        due = known[_place(unit)]
        with span("back-order a key", traceparent=due.traceparent):
            tx.say(LicenseBackordered(**due.header, line=unit.line, unit=unit.unit, sku=unit.sku))
    if short:
        await units.backorder(tx, short)


def _place(unit: Unit) -> Place:
    return unit.tenant, unit.order_id, unit.unit


def _source(due: Due) -> KeySource:
    return KeySource(due.unit.key_source)
