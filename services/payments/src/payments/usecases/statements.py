"""Importing a bank statement: exact money pays its order, everything else waits for staff (PAY-6)."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

import orjson
from chassis.db import Tx
from chassis.identity.sealing import seal
from chassis.telemetry.cards import without_cards
from contracts.event import SubjectKey
from contracts.payments import TransferReceived

from payments.domain.orders import Order, Unit
from payments.domain.payments import Reason
from payments.domain.statements import (
    CURRENCY,
    AccountForeign,
    Credit,
    Match,
    Payer,
    RecordsKeyMissing,
    Statement,
    StatementCurrency,
    StatementKnown,
    decide,
)
from payments.store import ledgers, orders, review, sellers, statements
from payments.store.sellers import Account
from payments.store.statements import Imported, Receipt
from payments.usecases import references
from payments.usecases.settling import conclude
from payments.usecases.story import header, tell

PAYER = "payer"


async def import_statement(tx: Tx, tenant: str, statement: Statement, by: str) -> Imported:
    """Book the credits of a statement once; the same file again is answered the same."""
    account = await sellers.of_account(tx, tenant, statement.account)
    if account is None:
        raise AccountForeign
    if any(credit.currency != CURRENCY for credit in statement.credits):
        raise StatementCurrency
    number = _hash(statement.number)
    known = await statements.find(tx, tenant, account.iban, number)
    if known is None:
        # A thread seals while the database still knows of no transaction: the first that locks comes after it.
        payers = await sealed(statement.credits, await sellers.records_keys(tx, tenant, account.seller))
        await statements.take_turn(tx, tenant, account.iban)
        key, count = tx.new_id(), len(statement.credits)
        if await statements.add(tx, tenant, key, account.iban, number, statement.digest, count, by):
            await _book(tx, tenant, key, account, statement, payers)
            return await statements.outcome(tx, tenant, key)
        known = await statements.find(tx, tenant, account.iban, number)
    if known is None or known[1] != statement.digest:
        raise StatementKnown
    return await statements.outcome(tx, tenant, known[0])


async def _book(tx: Tx, tenant: str, key: UUID, account: Account, statement: Statement, payers: Sequence[str]) -> None:
    """Keep the credits, let the exact ones pay their orders, and put the others on the list."""
    keys = [tx.new_id() for _ in statement.credits]
    matches = await _matches(tx, tenant, statement, account.seller, keys)
    receipts = [
        Receipt(
            receipt=receipt,
            position=credit.position,
            entry_hash=_hash(credit.entry_reference) if credit.entry_reference else None,
            amount=credit.amount,
            currency=credit.currency,
            booked_on=credit.booked_on,
            order=matched[0].order,
            payer=payer,
        )
        for receipt, credit, payer, matched in zip(keys, statement.credits, payers, matches, strict=True)
    ]
    await statements.add_receipts(tx, tenant, key, account.iban, receipts)
    doubtful = [
        (found.reason, receipt.amount, receipt.currency, found.order, receipt.receipt)
        for receipt, (found, _) in zip(receipts, matches, strict=True)
        if found.reason is not None
    ]
    await review.add_receipts(tx, tenant, doubtful)
    for receipt, (found, order) in zip(receipts, matches, strict=True):
        if order is not None:
            await receive(tx, order, found.units, receipt.receipt, receipt.amount, receipt.booked_on)
    await statements.matched(tx, tenant, key, len(receipts) - len(doubtful))


async def _matches(
    tx: Tx, tenant: str, statement: Statement, seller: str, receipts: Sequence[UUID]
) -> list[tuple[Match, Order | None]]:
    """What each credit pays and the order it pays for, in turn; two credits never pay for the same unit."""
    named = [references.meant(credit.reference, credit.payer.text) for credit in statement.credits]
    referred = await orders.referred(tx, tenant, sorted({one for some in named for one in some}))
    meant = set(referred.values())
    await orders.lock(tx, tenant, sorted(meant))
    known = {order: found for order in meant if (found := await orders.find(tx, tenant, order)) is not None}
    hashes = [_hash(credit.entry_reference) for credit in statement.credits if credit.entry_reference]
    before = await statements.booked(tx, tenant, statement.account, hashes)
    matches: list[tuple[Match, Order | None]] = []
    for receipt, credit, said in zip(receipts, statement.credits, named, strict=True):
        mark = _hash(credit.entry_reference) if credit.entry_reference else None
        ids = list(dict.fromkeys(referred[one] for one in said if one in referred))
        if mark is not None and mark in before:
            matches.append((Match(ids[0] if len(ids) == 1 else None, reason=Reason.BOOKED_BEFORE), None))
            continue
        if mark is not None:
            before.add(mark)
        found = decide(credit, said, [known[one] for one in ids], seller)
        order = known[found.order] if found.order is not None and found.reason is None else None
        if order is not None:
            known[order.order] = order.with_covered((unit.unit for unit in found.units), receipt)
        matches.append((found, order))
    return matches


async def receive(tx: Tx, order: Order, units: Sequence[Unit], receipt: UUID, amount: int, booked_on: date) -> None:
    """Transferred money covers these units; a refund that waited for it goes on its way."""
    orders.cover(tx, order.tenant, order.order, [unit.unit for unit in units], receipt)
    received = TransferReceived(
        **header(order),
        receipt=receipt,
        units=[unit.unit for unit in units],
        amount=amount,
        currency=order.currency,
        booked_at=datetime.combine(booked_on, time(), UTC),
    )
    tell(tx, order, received)
    await conclude(tx, await ledgers.load(tx, order.tenant, order.order))


async def sealed(booked: Sequence[Credit], keys: dict[int, SubjectKey]) -> list[str]:
    """Who has paid, sealed to the records of the year in which it was booked; off the event loop, they may be many."""
    if any(credit.booked_on.year not in keys for credit in booked):
        raise RecordsKeyMissing

    def work() -> list[str]:
        return [str(seal(_text(credit.payer), keys[credit.booked_on.year], PAYER)) for credit in booked]

    return await asyncio.to_thread(work)


def _text(payer: Payer) -> str:
    """What is kept of a payer; payers write anything, and a card number is kept not even in a box."""
    name, text = (said and without_cards(said) for said in (payer.name, payer.text))
    return orjson.dumps({"name": name, "iban": payer.iban, "text": text}).decode()


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
