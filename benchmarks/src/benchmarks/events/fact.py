"""The fact that travels: a paid order of one line, as the suite says it."""

from typing import Any
from uuid import UUID

from contracts.orders import OrderPaid

TOPIC = OrderPaid.DECLARED.topic
PAID = OrderPaid.model_validate(OrderPaid.EXAMPLE)
# the same fact for those who know no contracts
PLAIN: dict[str, Any] = PAID.model_dump(mode="json")


def paid(order: UUID) -> OrderPaid:
    """This order is paid."""
    return PAID.model_copy(update={"order": order})


def plain(order: UUID) -> dict[str, Any]:
    """This order is paid, as plain JSON values."""
    return PLAIN | {"order": str(order)}


__all__ = ["TOPIC", "UUID", "paid", "plain"]
