"""What the credits of statements pay, or are: decided once all orders that they name are locked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx

from payments.domain import references
from payments.domain.ledger import Ledger
from payments.domain.payments import Reason
from payments.domain.refunds import Refund
from payments.domain.statements import Credit, Match, Statement, match
from payments.store import ledgers, orders, refunds, statements

Matched = tuple[Match, Ledger | None]


@dataclass(frozen=True, slots=True)
class Named:
    """What the credits of a file name: orders by creditor reference, and refunds by that of their payout.

    The ledgers of the orders follow what is matched, so that no two credits pay for the same unit.
    """

    orders: Mapping[str, UUID]
    ledgers: dict[UUID, Ledger]
    paid_out: dict[str, Refund]

    def meant(self, named: Sequence[str]) -> list[UUID]:
        """Return the orders with these references."""
        return list(dict.fromkeys(self.orders[one] for one in named if one in self.orders))

    def returned(self, credit: Credit) -> Refund | None:
        """Return the refund all of whose payout came back, once (a return in SEPA is of the full amount, EPC125-05)."""
        found = {refund.id: refund for one in credit.payout_references if (refund := self.paid_out.get(one))}
        if len(found) != 1:
            return None
        (refund,) = found.values()
        if (credit.amount, credit.currency) != (refund.to_send, refund.currency):
            return None
        return self.paid_out.pop(refund.reference or "")


async def look_up(tx: Tx, tenant: str, booked: Sequence[Credit]) -> Named:
    """Lock whatever these credits may concern, and return it."""
    named = {one for credit in booked for one in references.meant(credit.references, credit.written)}
    referred = await orders.referred(tx, tenant, sorted(named))
    sent = sorted({one for credit in booked for one in credit.payout_references})
    repaid = {refund.order_id for refund in await refunds.paid_out(tx, tenant, sent)} if sent else set[UUID]()
    await orders.lock(tx, tenant, sorted({*referred.values(), *repaid}))
    known = await ledgers.load_all(tx, tenant, sorted(set(referred.values())))
    by_reference: dict[str, list[Refund]] = {}
    for refund in await refunds.paid_out(tx, tenant, sent) if repaid else ():
        by_reference.setdefault(refund.reference or "", []).append(refund)
    paid_out = {reference: found[0] for reference, found in by_reference.items() if len(found) == 1}
    return Named(referred, known, paid_out)


async def match_all(
    tx: Tx, tenant: str, statement: Statement, seller_id: str, receipt_ids: Sequence[UUID], named: Named
) -> list[Matched]:
    """Return what each credit of a statement pays and the ledger of the order that it pays for."""
    hashes = [digest(credit.identity) for credit in statement.credits if credit.identity]
    before = await statements.booked(tx, tenant, statement.iban, hashes)
    seen: set[object] = set()
    matches: list[Matched] = []
    for receipt_id, credit in zip(receipt_ids, statement.credits, strict=True):
        written = references.meant(credit.references, credit.written)
        ids = named.meant(written)
        # In one statement a bank lists an entry once: those of one mark that differ in anything are several.
        entry = credit.identity and (credit.identity, credit.references, credit.written, credit.payer)
        if credit.identity and (digest(credit.identity) in before or entry in seen):
            matches.append((Match(ids[0] if len(ids) == 1 else None, reason=Reason.BOOKED_BEFORE), None))
            continue
        seen.add(entry)
        refund = named.returned(credit)
        if refund is not None:
            matches.append((Match(refund.order_id, reason=Reason.RETURNED_PAYOUT, refund_id=refund.id), None))
            continue
        found = match(credit, written, [named.ledgers[one].order for one in ids], seller_id)
        ledger = named.ledgers[found.order_id] if found.order_id is not None and found.reason is None else None
        if ledger is not None:
            named.ledgers[ledger.order.id] = ledger.with_covered((unit.id for unit in found.units), receipt_id)
        matches.append((found, ledger))
    return matches


def digest(text: str) -> str:
    """Return what is kept of a bank's number or mark."""
    return hashlib.sha256(text.encode()).hexdigest()
