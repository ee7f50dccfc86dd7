"""All that the credits of statements may concern, locked and loaded at once, and what is proposed for the others."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.db import Tx

from payments.domain.matching import Named
from payments.domain.references import similar
from payments.domain.refunds import Refund
from payments.domain.statements import Credit
from payments.store import ledgers, orders, refunds


async def look_up(tx: Tx, tenant: str, booked: Sequence[Credit]) -> Named:
    """Lock whatever these credits may concern, and return it."""
    wordings = [credit.wording for credit in booked]
    referred = await orders.referred(tx, tenant, sorted({one for wording in wordings for one in wording.references}))
    whole = sorted({one for wording in wordings for one in wording.numbers})
    shortened = sorted({one for wording in wordings for one in wording.shortened})
    numbered, short = await orders.numbered(tx, tenant, whole, shortened)
    sent = sorted({one for credit in booked for one in credit.payout_references})
    repaid = {refund.order_id for refund in await refunds.paid_out(tx, tenant, sent)} if sent else set[UUID]()
    named = {*referred.values(), *numbered.values(), *short.values()}
    await orders.lock(tx, tenant, sorted({*named, *repaid}))
    known = await ledgers.load_all(tx, tenant, sorted(named))
    by_reference: dict[str, list[Refund]] = {}
    for refund in await refunds.paid_out(tx, tenant, sent) if repaid else ():
        by_reference.setdefault(refund.reference or "", []).append(refund)
    paid_out = {reference: found[0] for reference, found in by_reference.items() if len(found) == 1}
    return Named(referred, numbered, short, known, paid_out)


MOST_PROPOSED = 5


async def propose(tx: Tx, tenant: str, seller_id: str, unknown: Mapping[UUID, Credit]) -> dict[UUID, list[UUID]]:
    """Return orders whose numbers credits that name none may mean, at most five for each receipt; they pay nothing."""
    read = {receipt: similar([*one.wording.structured, *one.written]) for receipt, one in unknown.items()}
    _, short = await orders.numbered(tx, tenant, [], sorted({one for found in read.values() for one in found}))
    meant = {receipt: [short.get((seller_id, one)) for one in found] for receipt, found in read.items()}
    return {receipt: list(dict.fromkeys(filter(None, ids)))[:MOST_PROPOSED] for receipt, ids in meant.items()}
