"""Statements that write if what was read before still holds, each by itself or in a transaction."""

from typing import Any

from chassis.db import Once, Tx
from contracts.event import Event

WRITTEN = """
select exists(select from written)
"""


async def write(by: Once | Tx, sql: str, *args: Any, publish: tuple[Event, ...] = (), durable: bool = True) -> bool:
    """Run a statement as `Once.write` does; a transaction in which it did not write must be rolled back."""
    if isinstance(by, Once):
        return await by.write(sql, *args, publish=publish, durable=durable)
    by.publish(*publish)
    return await by.value(sql + WRITTEN, *args)
