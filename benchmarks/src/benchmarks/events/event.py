"""The event that is sent: a paid order of one line."""

import re
from base64 import b64encode
from random import Random
from typing import Any, cast
from uuid import UUID

from contracts.orders import OrderPaid

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOPIC = OrderPaid.DECLARED.topic
BOX_BYTES = 80


def randomised(value: Any, random: Random) -> Any:
    """Return the example with random ids and boxes; zeros would compress too well."""
    match value:
        case dict():
            fields = cast("dict[str, Any]", value).items()
            return {name: _box(random) if name == "box" else randomised(inner, random) for name, inner in fields}
        case list():
            return [randomised(inner, random) for inner in cast("list[Any]", value)]
        case str() if ID.fullmatch(value):
            return str(UUID(bytes=random.randbytes(16), version=4))
        case _:
            return value


def _box(random: Random) -> str:
    return b64encode(random.randbytes(BOX_BYTES)).decode()


PAID = OrderPaid.model_validate(randomised(OrderPaid.EXAMPLE, Random(1)))
# the same event for the reference, which does not use the contracts
PLAIN: dict[str, Any] = PAID.model_dump(mode="json")


def paid(order: UUID) -> OrderPaid:
    """Return OrderPaid for this order."""
    return PAID.model_copy(update={"order": order})


def plain(order: UUID) -> dict[str, Any]:
    """Return OrderPaid for this order as plain JSON values."""
    return PLAIN | {"order": str(order)}


__all__ = ["TOPIC", "UUID", "paid", "plain"]
