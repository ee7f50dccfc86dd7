"""Issuing keys for paid and released units, in the order of payment, from a stock or made (LIC-2 to LIC-4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.identity import seal
from chassis.jobs import Trigger, in_parts
from chassis.lists import typed
from chassis.telemetry import span
from contracts.event import Sealed
from contracts.licensing import LicenseBackordered, LicenseIssued, SerialStockLow
from contracts.shared import KeySource

from licensing.domain.keys import forms, generate, tail
from licensing.domain.serials import form_of
from licensing.domain.stock import Purchase, Stock, Unit, assigned, grouped
from licensing.store import licenses, stocks, units, unreadable
from licensing.store.licenses import License
from licensing.store.units import WaitingUnit
from licensing.usecases.vault import Vault

log = structlog.get_logger(__name__)

ISSUE_KEYS = Trigger("issue keys")
BATCH = 200
UnitKey = tuple[str, UUID, UUID]
Group = tuple[Unit, ...]


async def issue_keys(tx: Tx, vault: Vault) -> bool:
    """Give keys to the units whose turn it is, and publish which have to wait; true where there may be more.

    Units for which that cannot be done hold up no others, whatever stock they wait for.
    """
    first = await units.lock_waiting(tx, tx.now, BATCH)
    waiting, more = await _in_turn(tx, await _whole(tx, first))
    holders = _by_holder(waiting)
    done = await in_parts(
        tx,
        ISSUE_KEYS.name,
        holders,
        lambda some: _give_keys(tx, vault, [one for of_one in some for one in of_one]),
        _holder,
    )
    return done > 0 and (more or len(first) == BATCH)


async def _in_turn(tx: Tx, waiting: Sequence[WaitingUnit]) -> tuple[list[WaitingUnit], bool]:
    """Return these units together with those that wait for a refill, and whether more of those are behind.

    Who has paid later than so many that wait for the same stock comes in a later turn.
    """
    found, more = list(waiting), False
    skus = {_stock_of(one.unit) for one in waiting if one.unit.key_source == KeySource.IMPORTED}
    skus |= set(await stocks.refillable(tx))
    for stock in await stocks.lock(tx, skus) if skus else []:
        queue = await units.lock_backordered(tx, stock.tenant, stock.sku, BATCH) if stock.available else []
        if len(queue) == BATCH:
            more, last, of = True, queue[-1].unit.turn, (stock.tenant, stock.sku)
            found = [one for one in found if _stock_of(one.unit) != of or one.unit.turn < last]
        found += await _whole(tx, queue)
    return found, more


async def _give_keys(tx: Tx, vault: Vault, waiting: Sequence[WaitingUnit]) -> None:
    known = {_key(one.unit): one for one in waiting}
    lacking = await _join(tx, waiting)
    texts = [(group, generate(group[0].key_prefix)) for group in grouped(_of(KeySource.GENERATED, lacking))]
    short: list[Unit] = []
    from_stock = list(_of(KeySource.IMPORTED, lacking))
    skus = {_stock_of(unit) for unit in from_stock}
    for stock in await stocks.lock(tx, skus) if skus else []:
        wanting = [unit for unit in from_stock if _stock_of(unit) == (stock.tenant, stock.sku)]
        given, without = await _give(tx, vault, stock, grouped(wanting))
        texts += given
        short += [unit for unit in without if unit.state == "waiting"]
    await _issue(tx, vault, texts, known)
    await _backorder(tx, short, known)


async def _whole(tx: Tx, waiting: Sequence[WaitingUnit]) -> list[WaitingUnit]:
    """Return these units, and all others of their purchases that may have the same key now."""
    purchases = {one.unit.key_holder for one in waiting if one.unit.shares}
    rest = await units.lock_lines(tx, tx.now, purchases) if purchases else []
    return list({_key(one.unit): one for one in [*waiting, *rest]}.values())


async def _join(tx: Tx, waiting: Collection[WaitingUnit]) -> list[Unit]:
    """Let units join the key that their purchase has already, which is published again; returns those that need one."""
    purchases = {one.unit.key_holder for one in waiting if one.unit.shares}
    keys = await licenses.of_purchases(tx, purchases) if purchases else {}
    known = {_key(one.unit): one for one in waiting if one.unit.key_holder in keys}
    joining = grouped(one.unit for one in known.values())
    for group in joining:
        key, first = keys[group[0].key_holder], known[_key(group[0])]
        unit_ids = [*key.unit_ids, *(unit.id for unit in group)]
        _publish(tx, first, key.license_id, unit_ids, key.license_key, key.issued_at, key.tail)
    joined = [
        License(unit, key.license_id, key.tail) for group in joining for unit in group if (key := keys[unit.key_holder])
    ]
    if joined:
        await licenses.issue(tx, joined)
    return [one.unit for one in waiting if one.unit.key_holder not in keys]


async def _give(
    tx: Tx, vault: Vault, stock: Stock, wanting: Sequence[Group]
) -> tuple[list[tuple[Group, str]], list[Unit]]:
    """Return which units share the text of which serial, and the units that get none."""
    stock, free = await _take(tx, vault, stock, len(wanting))
    given, without = assigned(wanting, free)
    await stocks.hand_out(tx, stock.tenant, [(fingerprint, group[0].id) for group, (fingerprint, _) in given])
    rest = stock.less(len(given))
    if rest.falls_low:
        tx.publish(SerialStockLow(tenant=rest.tenant, sku=rest.sku, left=rest.available, low_stock=rest.low_stock))
    await stocks.keep(tx, rest.published())
    return [(group, text) for group, (_, text) in given], without


async def _take(tx: Tx, vault: Vault, stock: Stock, count: int) -> tuple[Stock, list[tuple[bytes, str]]]:
    """Return so many serials with their texts, or all there are; one that does not open is set aside alone."""
    while True:
        free = await stocks.take(tx, stock.tenant, stock.sku, min(stock.available, count))
        opened = [(fingerprint, vault.opened(box, fingerprint)) for fingerprint, box in free]
        broken = [fingerprint for fingerprint, text in opened if text is None]
        if not broken:
            return stock, [(fingerprint, text) for fingerprint, text in opened if text is not None]
        await unreadable.set_aside(tx, stock.tenant, broken)
        log.error("serials do not open; they wait", tenant=stock.tenant, sku=stock.sku, serials=len(broken))
        stock = stock.less(len(broken))


async def _issue(
    tx: Tx, vault: Vault, texts: Sequence[tuple[Group, str]], known: Mapping[UnitKey, WaitingUnit]
) -> None:
    issued: list[License] = []
    for (first, *others), text in texts:
        waiting = known[_key(first)]
        # A generated key is known by its second form, in which letters that look alike are one.
        made = first.key_source == KeySource.GENERATED
        fingerprint = vault.fingerprint(forms(text)[-1] if made else form_of(typed(text), other_makers=True))
        box = seal(text, waiting.contact, "license_key")
        new = License(first, tx.new_id(), tail(text), fingerprint, box)
        issued += [new, *(License(unit, new.id, new.tail) for unit in others)]
        _publish(tx, waiting, new.id, [first.id, *(unit.id for unit in others)], box, tx.now, new.tail, fingerprint)
    if issued:
        await licenses.issue(tx, issued)


def _publish(
    tx: Tx,
    waiting: WaitingUnit,
    license_id: UUID,
    unit_ids: list[UUID],
    box: Sealed,
    issued_at: datetime,
    end: str,
    fingerprint: bytes | None = None,
) -> None:
    issued = LicenseIssued(
        **waiting.header,
        line=waiting.unit.line_id,
        sku=waiting.unit.sku,
        license=license_id,
        unit=unit_ids[0],
        units=unit_ids,
        license_key=box,
        issued_at=issued_at,
        fingerprint=fingerprint.hex() if fingerprint else None,
        tail=end,
    )
    with span("issue a key", traceparent=waiting.traceparent):
        tx.publish(issued)


async def _backorder(tx: Tx, short: Sequence[Unit], known: Mapping[UnitKey, WaitingUnit]) -> None:
    for unit in short:
        waiting = known[_key(unit)]
        with span("back-order a key", traceparent=waiting.traceparent):
            tx.publish(LicenseBackordered(**waiting.header, line=unit.line_id, unit=unit.id, sku=unit.sku))
    if short:
        await units.backorder(tx, short)


def _by_holder(waiting: Iterable[WaitingUnit]) -> list[list[WaitingUnit]]:
    """Return units by what one key is for, each once, in the order of payment."""
    once = {_key(one.unit): one for one in waiting}
    found: dict[Purchase, list[WaitingUnit]] = {}
    for one in sorted(once.values(), key=lambda one: one.unit.turn):
        found.setdefault(one.unit.key_holder, []).append(one)
    return list(found.values())


def _holder(of_one: Sequence[WaitingUnit]) -> Purchase:
    return of_one[0].unit.key_holder


def _stock_of(unit: Unit) -> tuple[str, str]:
    return unit.tenant, unit.sku


def _key(unit: Unit) -> UnitKey:
    return unit.tenant, unit.order_id, unit.id


def _of(source: KeySource, lacking: Iterable[Unit]) -> Iterable[Unit]:
    return (unit for unit in lacking if unit.key_source == source)
