"""All that is known of an order's money, as it is while the order is locked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from payments.domain.orders import Order, Unit
from payments.domain.payments import Payment, State
from payments.domain.provider import DisputeStatus
from payments.domain.refunds import Dispute, Refund, Repayment


@dataclass(frozen=True, slots=True)
class Ledger:
    """An order with its payments, refunds, repayments and disputes.

    `stored_units` and `stored_payments` are as they are in the database: what differs from them is still to be saved.
    """

    order: Order
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    stored_units: tuple[Unit, ...] = ()
    stored_payments: tuple[Payment, ...] = ()

    @property
    def changed_payments(self) -> list[Payment]:
        """The payments that differ from the stored ones."""
        stored = set(self.stored_payments)
        return [payment for payment in self.payments if payment not in stored]

    @property
    def changed_units(self) -> list[Unit]:
        """The units that differ from the stored ones."""
        stored = set(self.stored_units)
        return [unit for unit in self.order.units if unit not in stored]

    @property
    def undecided(self) -> Payment | None:
        """The latest payment by which the customer may still pay."""
        return next((payment for payment in reversed(self.payments) if not payment.decided), None)

    @property
    def captured(self) -> list[Payment]:
        """The payments whose money is at the provider."""
        return [payment for payment in self.payments if payment.state is State.CAPTURED]

    @property
    def transferred(self) -> int:
        """The gross sum of what transferred money covers, whichever way the order was to be paid."""
        cards = {payment.id for payment in self.payments}
        return sum(unit.gross for unit in self.order.units if unit.covered and unit.covered_by not in cards)

    @property
    def cancelled_covers(self) -> dict[UUID, list[Unit]]:
        """The cancelled units that transferred money covers, by what covers them."""
        card_payments = {payment.id for payment in self.payments}
        covers: dict[UUID, list[Unit]] = {}
        for unit in self.order.units:
            cover = unit.covered_by
            if cover is not None and cover not in card_payments and unit.id in self.order.cancelled_units:
                covers.setdefault(cover, []).append(unit)
        return covers

    def payment(self, payment_id: UUID) -> Payment | None:
        """Return a payment of this order."""
        return next((payment for payment in self.payments if payment.id == payment_id), None)

    def refund(self, refund_id: UUID | None) -> Refund | None:
        """Return a refund of this order."""
        return next((refund for refund in self.refunds if refund.id == refund_id), None)

    def repayments_of(self, payment: Payment) -> list[Repayment]:
        """Return what has gone back of a payment, or is on its way, as far as the provider knows."""
        return [repayment for repayment in self.repayments if repayment.payment_id == payment.id]

    def disputes_of(self, payment: Payment) -> list[Dispute]:
        """Return the disputes about a payment."""
        return [dispute for dispute in self.disputes if dispute.payment_id == payment.id]

    def disputed(self, payment_id: UUID | None) -> bool:
        """Return whether a dispute about a payment is open."""
        return any(one.payment_id == payment_id and one.status is DisputeStatus.OPEN for one in self.disputes)

    def with_payment(self, payment: Payment) -> "Ledger":
        """Return the ledger with this state of a payment."""
        return replace(self, payments=tuple(payment if one.id == payment.id else one for one in self.payments))

    def with_stored(self, payment: Payment) -> "Ledger":
        """Return the ledger with another payment, which is in the database already."""
        payments, stored = (*self.payments, payment), (*self.stored_payments, payment)
        return replace(self, payments=payments, stored_payments=stored)

    def with_refund(self, refund: Refund) -> "Ledger":
        """Return the ledger with this state of a refund."""
        return replace(self, refunds=tuple(refund if one.id == refund.id else one for one in self.refunds))

    def with_covered(self, unit_ids: Iterable[UUID], by: UUID) -> "Ledger":
        """Return the ledger with this money for those of these units that had none."""
        return replace(self, order=self.order.with_covered(unit_ids, by))

    def with_freed(self, unit_ids: Iterable[UUID]) -> "Ledger":
        """Return the ledger without money for these units."""
        return replace(self, order=self.order.with_freed(unit_ids))
