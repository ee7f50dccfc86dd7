"""What the credits of a statement pay, or are: decided one after the other once all that they name is known (PAY-6)."""

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from payments.domain.ledger import Ledger
from payments.domain.payments import Reason
from payments.domain.references import Wording
from payments.domain.refunds import Refund
from payments.domain.statements import Credit, Match, match

Matched = tuple[Match, tuple[Ledger, ...]]


@dataclass(frozen=True, slots=True)
class Named:
    """What the credits of a file name: orders by creditor reference or number, and refunds by that of their payout.

    A number is one of a seller's, `shortened` has them without their leading zeros. The ledgers of the orders follow
    what is matched, so that no two credits pay for the same unit.
    """

    orders: Mapping[str, UUID]
    numbered: Mapping[tuple[str, str], UUID]
    shortened: Mapping[tuple[str, str], UUID]
    ledgers: dict[UUID, Ledger]
    paid_out: dict[str, Refund]

    def meant(self, wording: Wording, seller_id: str) -> list[UUID]:
        """Return the orders that it may mean: those in the field for it, else all that its texts name.

        What lacks zeros names an order only where nothing names one as it is.
        """
        in_field = [self.orders.get(one) for one in wording.named]
        in_texts = [self.orders.get(one) for one in wording.candidates]
        by_number = [self.numbered.get((seller_id, one)) for one in wording.numbers]
        by_short = [self.shortened.get((seller_id, one)) for one in wording.shortened]
        found = next((one for one in (in_field, [*in_texts, *by_number]) if any(one)), by_short)
        return list(dict.fromkeys(one for one in found if one is not None))

    def returned(self, credit: Credit) -> Refund | None:
        """Return the refund all of whose payout came back, once (a return in SEPA is of the full amount, EPC125-05)."""
        found = {refund.id: refund for one in credit.payout_references if (refund := self.paid_out.get(one))}
        if len(found) != 1:
            return None
        (refund,) = found.values()
        if (credit.amount, credit.currency) != (refund.to_send, refund.currency):
            return None
        return self.paid_out.pop(refund.reference or "")


@dataclass(frozen=True, slots=True)
class Booked:
    """A credit of an earlier statement: which part of its entry, and the order that it names."""

    part: int | None
    order_id: UUID | None


def decide(
    booked: Sequence[Credit],
    seller_id: str,
    receipt_ids: Sequence[UUID],
    named: Named,
    before: Mapping[str, Sequence[Booked]],
    twice: Container[int],
) -> list[Matched]:
    """Return what each credit of a statement pays and the ledgers of the orders that it pays for.

    `before` are the credits of the account's earlier statements, by the digest of their identity, `twice` are positions
    of those that this one lists again.
    """
    matches: list[Matched] = []
    for receipt_id, credit in zip(receipt_ids, booked, strict=True):
        ids = named.meant(credit.wording, seller_id)
        order_id = ids[0] if len(ids) == 1 else None
        earlier = before.get(digest(identity), ()) if before and (identity := credit.identity) else ()
        if credit.position in twice or _booked_before(earlier, credit.part, order_id):
            matches.append((Match(order_id, reason=Reason.BOOKED_BEFORE), ()))
            continue
        refund = named.returned(credit)
        if refund is not None:
            matches.append((Match(refund.order_id, reason=Reason.RETURNED_PAYOUT, refund_id=refund.id), ()))
            continue
        found = match(credit, [named.ledgers[one].order for one in ids], seller_id)
        paid = tuple(named.ledgers[one] for one in ids) if found.reason is None else ()
        for ledger in paid:
            named.ledgers[ledger.order.id] = ledger.with_covered((unit.id for unit in found.units), receipt_id)
        matches.append((found, paid))
    return matches


def _booked_before(earlier: Iterable[Booked], part: int | None, order_id: UUID | None) -> bool:
    """Return whether one of the earlier entries of a credit's identity is the credit.

    A bank lists a booking of many once with its parts and once without. Some put one mark on entries that have nothing
    in common: what names another order is another entry.
    """
    same = (one for one in earlier if one.part == part or None in (one.part, part))
    return any(None in (one.order_id, order_id) or one.order_id == order_id for one in same)


def digest(text: str) -> str:
    """Return what is kept of a bank's number or mark."""
    return hashlib.sha256(text.encode()).hexdigest()
