"""Connections of the pool: before they are somebody's, when they are lost, when they come back."""

from typing import Any, Final

import asyncpg

from chassis.db.outbox import Connection

# What asyncpg raises where a connection is cut while it is made, beside what it means to raise.
STUMBLES: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, AttributeError, RuntimeError)


class _Nobodys:
    """Stands where a transaction that has not begun or has ended has no connection: others use it."""

    def __getattr__(self, name: str) -> Any:
        raise asyncpg.InterfaceError("the transaction has ended")


NOBODYS: Final[Any] = _Nobodys()


def is_lost(connection: Connection) -> bool:
    """Whether the connection is closed; the pool takes a closed one back by itself, and nothing can be asked of it."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def hang_up(connection: Connection) -> None:
    """Close a connection without a word to a database that may have stopped answering."""
    if not is_lost(connection):
        connection.terminate()


async def keep_session(_: Any) -> None:
    """No session state is ever set, so there is nothing to reset when a connection returns to the pool."""
