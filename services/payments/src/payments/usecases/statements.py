"""Importing a bank statement: exact money pays its order, everything else waits for staff (PAY-6)."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

import orjson
from chassis.db import Begin, Tx
from chassis.identity import seal
from chassis.telemetry import without_cards
from contracts.event import SubjectKey
from contracts.payments import TransferReceived

from payments.domain import references
from payments.domain.ledger import Ledger
from payments.domain.orders import Unit
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
    match,
)
from payments.store import ledgers, orders, review, sellers, statements
from payments.store.review import NewEntry
from payments.store.sellers import Account
from payments.store.statements import ImportResult, Receipt
from payments.usecases.settling import conclude

PAYER = "payer"


async def import_statement(begin: Begin, tenant: str, statement: Statement, by: str) -> ImportResult:
    """Book the credits of a statement once; the same file again is answered the same.

    Raises AccountForeign, StatementCurrency, RecordsKeyMissing, StatementKnown.
    """
    async with begin() as tx:
        account = await sellers.of_iban(tx, tenant, statement.iban)
        if account is None:
            raise AccountForeign
        if any(credit.currency != CURRENCY for credit in statement.credits):
            raise StatementCurrency
        if (known := await _known(tx, tenant, statement)) is not None:
            return known
        keys = await sellers.records_keys(tx, tenant, account.id)
    payers = await seal_payers(statement.credits, keys)
    async with begin() as tx:
        await statements.take_turn(tx, tenant, account.iban)
        if (known := await _known(tx, tenant, statement)) is not None:
            return known
        statement_id, count = tx.new_id(), len(statement.credits)
        matched = await _book(tx, tenant, statement_id, account, statement, payers)
        number = _hash(statement.number)
        await statements.add(tx, tenant, statement_id, account.iban, number, statement.digest, count, matched, by)
        return await statements.result(tx, tenant, statement_id)


async def _known(tx: Tx, tenant: str, statement: Statement) -> ImportResult | None:
    """Return what came of a statement that was imported; raises StatementKnown where another file has its number."""
    found = await statements.find(tx, tenant, statement.iban, _hash(statement.number))
    if found is None:
        return None
    statement_id, digest = found
    if digest != statement.digest:
        raise StatementKnown
    return await statements.result(tx, tenant, statement_id)


async def _book(
    tx: Tx, tenant: str, statement_id: UUID, account: Account, statement: Statement, payers: Sequence[str]
) -> int:
    """Keep the credits, let the exact ones pay their orders, list the others for review; return how many paid."""
    ids = [tx.new_id() for _ in statement.credits]
    matches = await _matches(tx, tenant, statement, account.id, ids)
    receipts = [
        Receipt(
            id=receipt_id,
            position=credit.position,
            entry_hash=_hash(credit.entry_reference) if credit.entry_reference else None,
            amount=credit.amount,
            currency=credit.currency,
            booked_on=credit.booked_on,
            order_id=matched[0].order_id,
            payer=payer,
        )
        for receipt_id, credit, payer, matched in zip(ids, statement.credits, payers, matches, strict=True)
    ]
    await statements.add_receipts(tx, tenant, statement_id, account.iban, receipts)
    doubtful = [
        NewEntry(found.reason, receipt.amount, receipt.currency, found.order_id, receipt_id=receipt.id)
        for receipt, (found, _) in zip(receipts, matches, strict=True)
        if found.reason is not None
    ]
    if doubtful:
        await review.add(tx, tenant, *doubtful)
    for receipt, (found, ledger) in zip(receipts, matches, strict=True):
        if ledger is not None:
            await receive(tx, ledger, found.units, receipt.id, receipt.amount, receipt.booked_on)
    return len(receipts) - len(doubtful)


async def _matches(
    tx: Tx, tenant: str, statement: Statement, seller_id: str, receipt_ids: Sequence[UUID]
) -> list[tuple[Match, Ledger | None]]:
    """Return what each credit pays and the ledger of the order that it pays for; no two pay for the same unit."""
    named = [references.meant(credit.reference, credit.payer.text) for credit in statement.credits]
    referred = await orders.referred(tx, tenant, sorted({one for some in named for one in some}))
    await orders.lock(tx, tenant, sorted(set(referred.values())))
    known = await ledgers.load_all(tx, tenant, sorted(set(referred.values())))
    hashes = [_hash(credit.entry_reference) for credit in statement.credits if credit.entry_reference]
    before = await statements.booked(tx, tenant, statement.iban, hashes)
    matches: list[tuple[Match, Ledger | None]] = []
    for receipt_id, credit, meant in zip(receipt_ids, statement.credits, named, strict=True):
        mark = _hash(credit.entry_reference) if credit.entry_reference else None
        ids = list(dict.fromkeys(referred[one] for one in meant if one in referred))
        if mark is not None and mark in before:
            matches.append((Match(ids[0] if len(ids) == 1 else None, reason=Reason.BOOKED_BEFORE), None))
            continue
        if mark is not None:
            before.add(mark)
        found = match(credit, meant, [known[one].order for one in ids], seller_id)
        ledger = known[found.order_id] if found.order_id is not None and found.reason is None else None
        if ledger is not None:
            known[ledger.order.id] = ledger.with_covered((unit.id for unit in found.units), receipt_id)
        matches.append((found, ledger))
    return matches


async def receive(
    tx: Tx, ledger: Ledger, units: Sequence[Unit], receipt_id: UUID, amount: int, booked_on: date
) -> None:
    """Let transferred money cover these units; a refund that waited for it goes on its way."""
    order, unit_ids = ledger.order, [unit.id for unit in units]
    received = TransferReceived(
        **orders.header(order),
        receipt=receipt_id,
        units=unit_ids,
        amount=amount,
        currency=order.currency,
        booked_at=datetime.combine(booked_on, time(), UTC),
    )
    tx.publish(received, cause=order)
    await conclude(tx, ledger.with_covered(unit_ids, receipt_id))


async def seal_payers(booked: Sequence[Credit], keys: dict[int, SubjectKey]) -> list[str]:
    """Seal who has paid to the records of the year in which it was booked; raises RecordsKeyMissing.

    It is done off the event loop, for they may be many.
    """
    if any(credit.booked_on.year not in keys for credit in booked):
        raise RecordsKeyMissing

    def work() -> list[str]:
        return [str(seal(_text(credit.payer), keys[credit.booked_on.year], PAYER)) for credit in booked]

    return await asyncio.to_thread(work)


def _text(payer: Payer) -> str:
    """Return what is kept of a payer; payers write anything, and a card number is kept not even sealed."""
    name, text = (written and without_cards(written) for written in (payer.name, payer.text))
    return orjson.dumps({"name": name, "iban": payer.iban, "text": text}).decode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
