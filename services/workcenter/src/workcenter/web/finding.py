"""Finding an order by what somebody has at hand: its id, its number or its end, or the reference of its transfer."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from pages.visit import Visit

from workcenter.domain.sought import Kind, ending, kinds, numbers
from workcenter.web.asking import Piece, piece
from workcenter.web.desk import Desk

MOST: Final = 20


async def order_of(desk: Desk, visit: Visit, order: str) -> Piece:
    """Return the order of an id."""
    try:
        return await piece(desk, visit, "orders", f"/orders/{UUID(order)}")
    except ValueError:
        return Piece("none")


async def summaries(desk: Desk, visit: Visit, text: str) -> list[dict[str, Any]]:
    """Return the orders that a text may mean, as a list has them; each seller may have one of a number."""
    wanted = kinds(text)
    if Kind.ID in wanted:
        found = await order_of(desk, visit, text)
        if not found.here:
            return []
        return [found.facts | found.facts["totals"] | {"names": [line["name"] for line in found.facts["lines"]]}]
    if Kind.NUMBER not in wanted:
        return []
    for number in numbers(text):
        rows = (await piece(desk, visit, "orders", "/orders", number=number[:64], limit=MOST)).entries
        if rows:
            return rows
    if (digits := ending(text)) is not None:
        return (await piece(desk, visit, "orders", "/orders", number_ends=digits, limit=MOST)).entries
    return []


async def whole(desk: Desk, visit: Visit, text: str, most: int) -> list[dict[str, Any]]:
    """Return the same with all that is in them."""
    found = (await summaries(desk, visit, text))[:most]
    orders = await asyncio.gather(*(order_of(desk, visit, one["order"]) for one in found))
    return [one.facts for one in orders if one.here]


async def numbers_of(desk: Desk, visit: Visit, ids: Iterable[str]) -> dict[str, str]:
    """Return the numbers of orders by their ids, of those that whoever looks may see."""
    found = await asyncio.gather(*(order_of(desk, visit, one) for one in dict.fromkeys(ids)))
    return {one.facts["order"]: one.facts["number"] for one in found if one.here}
