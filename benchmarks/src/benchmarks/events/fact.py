"""The fact that travels: a paid order of one line, as the suite says it."""

import re
from base64 import b64encode
from random import Random
from typing import Any, cast
from uuid import UUID

from contracts.orders import OrderPaid

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOPIC = OrderPaid.DECLARED.topic
BOX_BYTES = 80


def lifelike(value: Any, chance: Random) -> Any:
    """The example with ids and sealed boxes as they come in life, not with zeros."""
    match value:
        case dict():
            fields = cast("dict[str, Any]", value).items()
            return {name: _box(chance) if name == "box" else lifelike(inner, chance) for name, inner in fields}
        case list():
            return [lifelike(inner, chance) for inner in cast("list[Any]", value)]
        case str() if ID.fullmatch(value):
            return str(UUID(bytes=chance.randbytes(16), version=4))
        case _:
            return value


def _box(chance: Random) -> str:
    return b64encode(chance.randbytes(BOX_BYTES)).decode()


PAID = OrderPaid.model_validate(lifelike(OrderPaid.EXAMPLE, Random(1)))  # noqa: S311 -- no secret
# the same fact for those who know no contracts
PLAIN: dict[str, Any] = PAID.model_dump(mode="json")


def paid(order: UUID) -> OrderPaid:
    """This order is paid."""
    return PAID.model_copy(update={"order": order})


def plain(order: UUID) -> dict[str, Any]:
    """This order is paid, as plain JSON values."""
    return PLAIN | {"order": str(order)}


__all__ = ["TOPIC", "UUID", "paid", "plain"]
