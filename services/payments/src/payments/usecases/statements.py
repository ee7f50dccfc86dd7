"""Importing a bank statement: exact money pays its order, everything else waits for staff (PAY-6)."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from chassis.db import Begin, Tx
from contracts.event import SubjectKey

from payments.domain.ledger import Ledger
from payments.domain.matching import Matched, decide, digest
from payments.domain.payments import Reason
from payments.domain.refunds import RefundState
from payments.domain.statements import (
    CURRENCY,
    AccountForeign,
    Credit,
    File,
    Match,
    RecordsKeyMissing,
    Statement,
    StatementCurrency,
    StatementKnown,
    Unread,
)
from payments.store import allocations, ledgers, refunds, review, sellers, statements
from payments.store.review import NewEntry
from payments.store.statements import Imported, ImportResult, LeftOut, Receipt
from payments.usecases import sealing
from payments.usecases.matching import look_up, propose
from payments.usecases.receiving import add_up, receive
from payments.usecases.sealing import Run

log = structlog.get_logger(__name__)

KNOWN = "known"
NAMES_NONE = (Reason.NO_REFERENCE, Reason.UNKNOWN_REFERENCE)
# Whoever else decides about the money of these orders waits for no more than these.
PORTION = 500


@dataclass(frozen=True, slots=True)
class Booking:
    """Where credits are booked: on a statement of an account of a seller."""

    statement_id: UUID
    iban: str
    seller_id: str


async def import_statements(begin: Begin, tenant: str, file: File, by: str, run: Run) -> ImportResult:
    """Book the credits of a file's statements once; the same again is answered the same.

    Each statement is booked in portions; one that was cut off goes on when it comes again. Statements of other accounts
    are counted and left alone, those that contradict an earlier one are named. Raises AccountForeign or
    StatementCurrency where all are of others, RecordsKeyMissing, StatementKnown where all contradict.
    """
    async with begin() as tx:
        holders = await sellers.of_ibans(tx, tenant, sorted({statement.iban for statement in file.statements}))
        ours = [one for one in file.statements if one.iban in holders and one.currency == CURRENCY]
        if not ours:
            raise StatementCurrency if any(one.currency != CURRENCY for one in file.statements) else AccountForeign
        keys = {seller: await sellers.records_keys(tx, tenant, seller) for seller in sorted(set(holders.values()))}
    if any(one.credits and not keys[holders[one.iban]] for one in ours):
        raise RecordsKeyMissing
    imported: list[Imported] = []
    for statement in ours:
        seller_id = holders[statement.iban]
        imported.append(await _import(begin, tenant, seller_id, statement, keys[seller_id], by, run))
    same = [(one, found.id) for one, found in zip(ours, imported, strict=True) if found.digest == one.digest]
    if not same:
        raise StatementKnown
    others = [Unread(one.place, KNOWN) for one, found in zip(ours, imported, strict=True) if found.digest != one.digest]
    passed_over: Counter[str] = Counter()
    for statement, _ in same:
        passed_over.update(statement.passed_over)
    left_out = LeftOut(passed_over, len(file.statements) - len(ours), (*file.unread, *others))
    async with begin() as tx:
        return await statements.result(tx, tenant, [statement_id for _, statement_id in same], left_out)


async def _import(
    begin: Begin, tenant: str, seller_id: str, statement: Statement, keys: Mapping[int, SubjectKey], by: str, run: Run
) -> Imported:
    """Book what is not booked yet of a statement; return what is, which may be another of its identity."""
    identity, count = digest(statement.identity), len(statement.credits)
    async with begin() as tx:
        found = await statements.find(tx, tenant, statement.iban, identity)
    async with _sealed_ahead(run, statement.credits, keys) as payers_from:
        while found is None or (found.digest == statement.digest and found.booked < count):
            start = 0 if found is None else found.booked
            portion = statement.credits[start : start + PORTION]
            payers = await payers_from(start)
            # Money of a year without a key waits, and who sent it is not kept; the rest of the file does not wait.
            credited = zip(portion, payers, strict=True)
            portion = [credit if payer is not None else credit.without_key() for credit, payer in credited]
            async with begin() as tx:
                await statements.take_turn(tx, tenant, statement.iban)
                found = await statements.find(tx, tenant, statement.iban, identity)
                if found is None:
                    found = Imported(tx.new_id(), statement.digest, 0)
                    await statements.add(tx, tenant, found, statement.iban, identity, count, by)
                # Else somebody else has imported the same meanwhile.
                if (found.digest, found.booked) == (statement.digest, start):
                    booking = Booking(found.id, statement.iban, seller_id)
                    matched = await _book(tx, tenant, booking, portion, payers, statement.repeated)
                    found = replace(found, booked=start + len(portion))
                    await statements.proceed(tx, tenant, found, matched)
                    facts = {"booked": found.booked, "entries": count, "matched": matched}
                    tx.audit("statement", found.id, before={"booked": start}, after=facts)
            if count > PORTION:
                log.info("a statement is being booked", statement=str(found.id), booked=found.booked, entries=count)
    return found


async def _book(
    tx: Tx,
    tenant: str,
    booking: Booking,
    portion: Sequence[Credit],
    payers: Sequence[str | None],
    twice: Container[int],
) -> int:
    """Keep the credits, let the exact ones pay their orders, list the others for review; return how many paid.

    What is listed pays too, once it and what came before are together what their order owes.
    """
    ids = [tx.new_id() for _ in portion]
    named = await look_up(tx, tenant, portion)
    hashes = [(identity := credit.identity) and digest(identity) for credit in portion]
    marked = [one for one in hashes if one]
    before = await statements.booked(tx, tenant, booking.iban, marked, booking.statement_id)
    matches = decide(portion, booking.seller_id, ids, named, before, twice)
    receipts = [
        Receipt(
            id=receipt_id,
            position=credit.position,
            entry_hash=entry_hash or None,
            part=credit.part,
            amount=credit.amount,
            currency=credit.currency,
            booked_on=credit.booked_on,
            order_id=matched[0].order_id,
            payer=payer,
            place=credit.place,
            fault=credit.fault,
        )
        for receipt_id, credit, entry_hash, payer, matched in zip(ids, portion, hashes, payers, matches, strict=True)
    ]
    await statements.add_receipts(tx, tenant, booking.statement_id, booking.iban, receipts)
    await _list(tx, tenant, receipts, matches, await _proposals(tx, tenant, booking, receipts, portion, matches))
    paid = [(one, found, of) for one, (found, of) in zip(receipts, matches, strict=True) if found.reason is None]
    await _pay(tx, tenant, paid)
    in_parts = {found.order_id for found, _ in matches if found.reason is Reason.UNDERPAID and found.order_id}
    return len(paid) + await add_up(tx, tenant, in_parts)


async def _pay(tx: Tx, tenant: str, paid: Sequence[tuple[Receipt, Match, Sequence[Ledger]]]) -> None:
    """Let receipts cover the units that they match; one that pays several orders does so by an allocation for each."""
    changed: list[Ledger] = []
    shares: list[tuple[UUID, UUID, int]] = []
    for receipt, found, of in paid:
        for ledger in of:
            cover, amount = receipt.id, receipt.amount
            if len(of) > 1:
                cover, amount = tx.new_id(), ledger.order.due_amount
                shares.append((cover, receipt.id, amount))
            open_ids = {unit.id for unit in ledger.order.open_units}
            units = [unit for unit in found.units if unit.id in open_ids]
            if receipt.booked_on is not None:
                changed.append(await receive(tx, ledger, units, cover, amount, receipt.booked_on))
    if shares:
        await allocations.add(tx, tenant, shares)
    await ledgers.save(tx, *changed)


async def _proposals(
    tx: Tx,
    tenant: str,
    booking: Booking,
    receipts: Sequence[Receipt],
    portion: Sequence[Credit],
    matches: Sequence[Matched],
) -> dict[UUID, list[UUID]]:
    """Return which orders staff may look at first for credits that name none, by receipt."""
    credited = zip(receipts, portion, matches, strict=True)
    unknown = {receipt.id: credit for receipt, credit, (found, _) in credited if found.reason in NAMES_NONE}
    return await propose(tx, tenant, booking.seller_id, unknown)


async def _list(
    tx: Tx,
    tenant: str,
    receipts: Sequence[Receipt],
    matches: Sequence[Matched],
    proposals: Mapping[UUID, Sequence[UUID]],
) -> None:
    """List what pays nothing; a refund whose payout came back is owed again."""
    doubtful = [
        NewEntry(
            found.reason,
            receipt.amount,
            receipt.currency,
            found.order_id,
            receipt_id=receipt.id,
            refund_id=found.refund_id,
            proposed=tuple(proposals.get(receipt.id, ())),
        )
        for receipt, (found, _) in zip(receipts, matches, strict=True)
        if found.reason is not None
    ]
    if doubtful:
        await review.add(tx, tenant, *doubtful)
    for entry in doubtful:
        if entry.refund_id is not None:
            await refunds.set_state(tx, tenant, entry.refund_id, RefundState.PAYOUT)


@asynccontextmanager
async def _sealed_ahead(
    run: Run, booked: Sequence[Credit], keys: Mapping[int, SubjectKey]
) -> AsyncGenerator[Callable[[int], Awaitable[list[str | None]]]]:
    """Give what returns the sealed payers of the portion that begins somewhere.

    Those of the next are sealed while the database, on another core, books this one.
    """
    ahead: dict[int, asyncio.Task[list[str | None]]] = {}

    async def payers_from(start: int) -> list[str | None]:
        for at in (start, start + PORTION):
            if at < len(booked) and at not in ahead:
                ahead[at] = asyncio.create_task(sealing.seal_payers(run, booked[at : at + PORTION], keys))
        return await ahead.pop(start) if start in ahead else []

    try:
        yield payers_from
    finally:
        for task in ahead.values():
            task.cancel()
        await asyncio.gather(*ahead.values(), return_exceptions=True)
