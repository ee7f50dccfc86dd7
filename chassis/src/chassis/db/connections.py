"""Connections to a service's PostgreSQL: their types, and when they are lost."""

from typing import TYPE_CHECKING, Any, Final

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    OwnConnection = asyncpg.Connection[asyncpg.Record]
    Lent = PoolConnectionProxy[asyncpg.Record]
    Connection = OwnConnection | Lent
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    OwnConnection = Lent = Connection = Pool = Any  # asyncpg is generic for type checkers only

# What asyncpg raises where a connection is cut while it is made, beside what it means to raise.
STUMBLES: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, AttributeError, RuntimeError)


class DatabaseBusy(Exception):
    """No database connection is free; try again in a moment."""


class DatabaseGone(DatabaseBusy):
    """The connection was lost; what the transaction did is undone, or not known to be done."""


def is_lost(connection: Connection) -> bool:
    """Return whether the connection is closed; a pool takes a closed one back by itself."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


def hang_up(connection: Connection) -> None:
    """Close a connection at once, without a word to a database that may have stopped answering."""
    if not is_lost(connection):
        connection.terminate()


async def keep_session(_: Any) -> None:
    """Reset nothing when a connection returns to the pool: no session state is ever set."""
