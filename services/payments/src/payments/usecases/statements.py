"""Importing a bank statement: exact money pays its order, everything else waits for staff (PAY-6)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

import orjson
from chassis.db import Begin, Tx
from chassis.identity import seal
from chassis.telemetry import without_cards
from contracts.event import SubjectKey
from contracts.payments import TransferReceived

from payments.domain.ledger import Ledger
from payments.domain.orders import Unit
from payments.domain.refunds import RefundState
from payments.domain.statements import (
    CURRENCY,
    AccountForeign,
    Credit,
    Payer,
    RecordsKeyMissing,
    Statement,
    StatementCurrency,
    StatementKnown,
)
from payments.store import orders, refunds, review, sellers, statements
from payments.store.review import NewEntry
from payments.store.statements import ImportResult, Receipt
from payments.usecases.checkouts import close_checkouts
from payments.usecases.matching import Matched, Named, digest, look_up, match_all
from payments.usecases.settling import conclude

PAYER = "payer"


async def import_statements(begin: Begin, tenant: str, found: Sequence[Statement], by: str) -> ImportResult:
    """Book the credits of a file's statements once; the same again is answered the same.

    Statements of other accounts are counted and left alone. Raises AccountForeign or StatementCurrency where all are,
    RecordsKeyMissing, StatementKnown.
    """
    async with begin() as tx:
        holders = await sellers.of_ibans(tx, tenant, sorted({statement.iban for statement in found}))
        ours = [one for one in found if one.iban in holders and one.currency == CURRENCY]
        if not ours:
            raise StatementCurrency if any(one.currency != CURRENCY for one in found) else AccountForeign
        others = len(found) - len(ours)
        known = [await _known(tx, tenant, statement) for statement in ours]
        if None not in known:
            return await statements.result(tx, tenant, [one for one in known if one is not None], others)
        keys = {seller: await sellers.records_keys(tx, tenant, seller) for seller in sorted(set(holders.values()))}
    sealed: list[tuple[Statement, list[str | None]]] = []
    for statement in ours:
        payers = await seal_payers(statement.credits, keys[holders[statement.iban]])
        # Money of a year without a key waits, and who sent it is not kept; the rest of the file does not wait for it.
        credited = zip(statement.credits, payers, strict=True)
        booked = tuple(credit if payer is not None else credit.without_key() for credit, payer in credited)
        sealed.append((replace(statement, credits=booked), payers))
    async with begin() as tx:
        for iban in sorted({statement.iban for statement in ours}):
            await statements.take_turn(tx, tenant, iban)
        named = await look_up(tx, tenant, [credit for statement, _ in sealed for credit in statement.credits])
        ids: list[UUID] = []
        for statement, payers in sealed:
            statement_id = await _known(tx, tenant, statement)
            if statement_id is None:
                statement_id = tx.new_id()
                matched = await _book(tx, tenant, statement_id, holders[statement.iban], statement, payers, named)
                identity, count = digest(statement.identity), len(statement.credits)
                facts = (identity, statement.digest, count, matched, by)
                await statements.add(tx, tenant, statement_id, statement.iban, *facts)
            ids.append(statement_id)
        return await statements.result(tx, tenant, ids, others)


async def _known(tx: Tx, tenant: str, statement: Statement) -> UUID | None:
    """Return the id of a statement that was imported; raises StatementKnown where another has its identity."""
    found = await statements.find(tx, tenant, statement.iban, digest(statement.identity))
    if found is None:
        return None
    statement_id, content = found
    if content != statement.digest:
        raise StatementKnown
    return statement_id


async def _book(
    tx: Tx,
    tenant: str,
    statement_id: UUID,
    seller_id: str,
    statement: Statement,
    payers: Sequence[str | None],
    named: Named,
) -> int:
    """Keep the credits, let the exact ones pay their orders, list the others for review; return how many paid."""
    ids = [tx.new_id() for _ in statement.credits]
    matches = await match_all(tx, tenant, statement, seller_id, ids, named)
    receipts = [
        Receipt(
            id=receipt_id,
            position=credit.position,
            entry_hash=digest(credit.identity) if credit.identity else None,
            amount=credit.amount,
            currency=credit.currency,
            booked_on=credit.booked_on,
            order_id=matched[0].order_id,
            payer=payer,
        )
        for receipt_id, credit, payer, matched in zip(ids, statement.credits, payers, matches, strict=True)
    ]
    await statements.add_receipts(tx, tenant, statement_id, statement.iban, receipts)
    await _list(tx, tenant, receipts, matches)
    paid = 0
    for receipt, (found, ledger) in zip(receipts, matches, strict=True):
        if ledger is not None and receipt.booked_on is not None:
            await receive(tx, ledger, found.units, receipt.id, receipt.amount, receipt.booked_on)
            paid += 1
    return paid


async def _list(tx: Tx, tenant: str, receipts: Sequence[Receipt], matches: Sequence[Matched]) -> None:
    """List what pays nothing; a refund whose payout came back is owed again."""
    doubtful = [
        NewEntry(
            found.reason,
            receipt.amount,
            receipt.currency,
            found.order_id,
            receipt_id=receipt.id,
            refund_id=found.refund_id,
        )
        for receipt, (found, _) in zip(receipts, matches, strict=True)
        if found.reason is not None
    ]
    if doubtful:
        await review.add(tx, tenant, *doubtful)
    for entry in doubtful:
        if entry.refund_id is not None:
            await refunds.set_state(tx, tenant, entry.refund_id, RefundState.PAYOUT)


async def receive(
    tx: Tx, ledger: Ledger, units: Sequence[Unit], receipt_id: UUID, amount: int, booked_on: date
) -> None:
    """Let transferred money cover these units: open checkouts are closed, a refund that waited goes on its way."""
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
    await close_checkouts(tx, ledger)
    await conclude(tx, ledger.with_covered(unit_ids, receipt_id))


async def seal_payers(booked: Sequence[Credit], keys: Mapping[int, SubjectKey]) -> list[str | None]:
    """Seal who has paid to the records of the year in which it was booked, where that has a key.

    It is done off the event loop, for they may be many. Raises RecordsKeyMissing where no key at all is known yet.
    """
    if booked and not keys:
        raise RecordsKeyMissing

    def work() -> list[str | None]:
        key_of = [credit.booked_on and keys.get(credit.booked_on.year) for credit in booked]
        return [key and str(seal(_text(one.payer), key, PAYER)) for one, key in zip(booked, key_of, strict=True)]

    return await asyncio.to_thread(work)


def _text(payer: Payer) -> str:
    """Return what is kept of a payer; payers write anything, and a card number is kept not even sealed."""
    name, text = (written and without_cards(written) for written in (payer.name, payer.text))
    return orjson.dumps({"name": name, "iban": payer.iban, "text": text}).decode()
