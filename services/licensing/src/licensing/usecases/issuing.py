"""Issuing keys for paid and released units, in the order of payment, from a stock or made (LIC-2 to LIC-4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import seal
from chassis.telemetry.traces import span
from contracts.event import Sealed
from contracts.licensing import LicenseBackordered, LicenseIssued, SerialStockLow
from contracts.shared import KeySource

from licensing.domain.keys import forms, generate, tail
from licensing.domain.stock import Stock, Unit, handed_out, wishes
from licensing.store import licenses, stocks, units
from licensing.store.licenses import License
from licensing.store.units import Due
from licensing.usecases.vault import Vault

BATCH = 200
Place = tuple[str, UUID, UUID]
Sharing = tuple[Unit, ...]


async def issue_keys(tx: Tx, vault: Vault) -> bool:
    """Give keys to the units whose turn it is, and say which have to wait; true where there may be more."""
    waiting = await _whole(tx, await units.lock_waiting(tx, tx.now, BATCH))
    known = {_place(due.unit): due for due in waiting}
    lacking = await _join(tx, waiting)
    texts = [(sharing, generate(sharing[0].key_prefix)) for sharing in wishes(_of(KeySource.GENERATED, lacking))]
    short: list[Unit] = []
    from_stock = list(_of(KeySource.IMPORTED, lacking))
    skus = {(unit.tenant, unit.sku) for unit in from_stock} | set(await stocks.refillable(tx))
    for stock in await stocks.lock(tx, skus) if skus else []:
        wanting = {_place(unit): unit for unit in from_stock if (unit.tenant, unit.sku) == (stock.tenant, stock.sku)}
        queue = await units.lock_backordered(tx, stock.tenant, stock.sku, BATCH) if stock.available else []
        if len(queue) == BATCH:  # More are behind these: who has paid later than they comes in a later turn.
            last = queue[-1].unit.turn
            wanting = {place: unit for place, unit in wanting.items() if unit.turn < last}
        behind = {_place(due.unit): due for due in await _whole(tx, queue)}
        known |= behind
        wanting |= {place: due.unit for place, due in behind.items()}
        given, left = await _give(tx, vault, stock, wishes(wanting.values()))
        texts += given
        short += [unit for unit in left if unit.state == "waiting"]
    await _issue(tx, vault, texts, known)
    await _backorder(tx, short, known)
    return bool(waiting or texts)


async def _whole(tx: Tx, dues: Sequence[Due]) -> list[Due]:
    """These units, and whoever else of their purchases may have the same key now."""
    purchases = {due.unit.wish for due in dues if due.unit.shares}
    rest = await units.lock_lines(tx, tx.now, purchases) if purchases else []
    return list({_place(due.unit): due for due in [*dues, *rest]}.values())


async def _join(tx: Tx, dues: Collection[Due]) -> list[Unit]:
    """Let units join the key that their purchase has already, which is said again; those that need a new one."""
    purchases = {due.unit.wish for due in dues if due.unit.shares}
    held = await licenses.held(tx, purchases) if purchases else {}
    known = {_place(due.unit): due for due in dues if due.unit.wish in held}
    joining = wishes(due.unit for due in known.values())
    for sharing in joining:
        key, due = held[sharing[0].wish], known[_place(sharing[0])]
        _say(tx, due, key.license, [*key.units, *(unit.unit for unit in sharing)], key.license_key, key.issued_at)
    joined = [License(unit, held[unit.wish].license, held[unit.wish].tail) for sharing in joining for unit in sharing]
    if joined:
        await licenses.issue(tx, joined)
    return [due.unit for due in dues if due.unit.wish not in held]


async def _give(
    tx: Tx, vault: Vault, stock: Stock, wanting: Sequence[Sharing]
) -> tuple[list[tuple[Sharing, str]], list[Unit]]:
    """Who shares the text of which serial, and the units that get none."""
    free = await stocks.take(tx, stock.tenant, stock.sku, min(stock.available, len(wanting)))
    given, left = handed_out(wanting, free)
    await stocks.hand_out(tx, stock.tenant, [(fingerprint, sharing[0].unit) for sharing, (fingerprint, _) in given])
    rest = stock.less(len(given))
    if rest.falls_low:
        tx.publish(SerialStockLow(tenant=rest.tenant, sku=rest.sku, left=rest.available, low_stock=rest.low_stock))
    await stocks.keep(tx, rest.said())
    return [(sharing, vault.open(box, fingerprint)) for sharing, (fingerprint, box) in given], left


async def _issue(tx: Tx, vault: Vault, texts: Sequence[tuple[Sharing, str]], known: Mapping[Place, Due]) -> None:
    issued: list[License] = []
    for (first, *others), text in texts:
        due = known[_place(first)]
        # A generated key is known by its second form, in which letters that look alike are one.
        fingerprint = vault.fingerprint(forms(text)[-1 if _source(first) is KeySource.GENERATED else 0])
        box = seal(text, due.contact, "license_key")
        new = License(first, tx.new_id(), tail(text), fingerprint, box)
        issued += [new, *(License(unit, new.license, new.tail) for unit in others)]
        _say(tx, due, new.license, [first.unit, *(unit.unit for unit in others)], box, tx.now)
    if issued:
        await licenses.issue(tx, issued)


def _say(tx: Tx, due: Due, license_id: UUID, given_to: list[UUID], box: Sealed, issued_at: datetime) -> None:
    facts: dict[str, Any] = due.header | {"line": due.unit.line, "sku": due.unit.sku, "license": license_id}
    with span("issue a key", traceparent=due.traceparent):
        tx.publish(LicenseIssued(**facts, unit=given_to[0], units=given_to, license_key=box, issued_at=issued_at))


async def _backorder(tx: Tx, short: Sequence[Unit], known: Mapping[Place, Due]) -> None:
    for unit in short:
        due = known[_place(unit)]
        with span("back-order a key", traceparent=due.traceparent):
            tx.publish(LicenseBackordered(**due.header, line=unit.line, unit=unit.unit, sku=unit.sku))
    if short:
        await units.backorder(tx, short)


def _place(unit: Unit) -> Place:
    return unit.tenant, unit.order_id, unit.unit


def _of(source: KeySource, lacking: Iterable[Unit]) -> Iterable[Unit]:
    return (unit for unit in lacking if _source(unit) is source)


def _source(unit: Unit) -> KeySource:
    return KeySource(unit.key_source)
