"""All that is known of an order's money, as it stands while the order's story is locked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from payments.domain.orders import Order, Unit
from payments.domain.payments import Payment, State
from payments.domain.refunds import Refund, Repayment


@dataclass(frozen=True, slots=True)
class Ledger:
    """An order with its payments, refunds and what went back.

    `kept` are the payments as they were read: what differs from them is still to be written.
    """

    order: Order
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    kept: tuple[Payment, ...] = ()

    @property
    def changed(self) -> list[Payment]:
        """The payments of which more is known than was read."""
        return [payment for payment in self.payments if payment not in self.kept]

    @property
    def captured(self) -> list[Payment]:
        """The payments whose money is with the provider."""
        return [payment for payment in self.payments if payment.state is State.CAPTURED]

    @property
    def freed(self) -> dict[UUID, list[Unit]]:
        """The cancelled units that transferred money covers, by what covers them."""
        paid = {one.payment for one in self.payments}
        found: dict[UUID, list[Unit]] = {}
        for unit in self.order.units:
            if unit.covered_by is not None and unit.covered_by not in paid and unit.unit in self.order.cancelled:
                found.setdefault(unit.covered_by, []).append(unit)
        return found

    def payment(self, payment: UUID) -> Payment | None:
        """A payment of this order."""
        return next((one for one in self.payments if one.payment == payment), None)

    def refund(self, refund: UUID | None) -> Refund | None:
        """A refund of this order."""
        return next((one for one in self.refunds if one.refund == refund), None)

    def repayments_of(self, payment: Payment) -> list[Repayment]:
        """What the provider knows to have gone back of a payment, or to be on its way."""
        return [one for one in self.repayments if one.payment == payment.payment]

    def with_payment(self, payment: Payment) -> "Ledger":
        """The ledger once this is known of a payment."""
        return replace(
            self, payments=tuple(payment if one.payment == payment.payment else one for one in self.payments)
        )

    def with_adopted(self, payment: Payment) -> "Ledger":
        """The ledger with a payment that was not remembered."""
        return replace(self, payments=(*self.payments, payment), kept=(*self.kept, payment))

    def with_refund(self, refund: Refund) -> "Ledger":
        """The ledger once this is known of a refund."""
        return replace(self, refunds=tuple(refund if one.refund == refund.refund else one for one in self.refunds))

    def with_covered(self, units: Iterable[UUID], by: UUID) -> "Ledger":
        """The ledger once this money for these units of its order is in."""
        return replace(self, order=self.order.with_covered(units, by))

    def with_freed(self, units: Iterable[UUID]) -> "Ledger":
        """The ledger once the money for these units of its order is theirs no more."""
        return replace(self, order=self.order.with_freed(units))
