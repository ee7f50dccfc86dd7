"""What an exception means for the work that raised it."""

import asyncio
from enum import Enum

import asyncpg
from contracts.wire import ContractViolation

from chassis.db.connections import DatabaseBusy
from chassis.db.outbox import EventTooLarge
from chassis.identity.keys import KeysUnavailable

REPEATABLE = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,
)
SERVICE_WIDE = (
    OSError,
    DatabaseBusy,
    KeysUnavailable,
    asyncpg.PostgresConnectionError,
    asyncpg.PostgresSystemError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)


def is_end(error: BaseException) -> bool:
    """Return whether the running task itself was told to end; that something it awaited was cancelled is a failure."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


class FailureClass(Enum):
    """What to do about a failure."""

    REPEATABLE = "the transaction may succeed when repeated at once"
    SERVICE_WIDE = "no event can be handled now: wait"
    PERMANENT = "this event will never be handled as it is"
    TRANSIENT = "this event may be handled later"


def classify(error: BaseException) -> FailureClass:
    """Return the class of a failure; a domain error is one whose class lives in a service's domain room."""
    if isinstance(error, REPEATABLE):
        return FailureClass.REPEATABLE
    if isinstance(error, asyncpg.QueryCanceledError):
        # one slow statement is that event's failure, and must not hold up all others for ever
        return FailureClass.TRANSIENT
    if isinstance(error, SERVICE_WIDE):
        return FailureClass.SERVICE_WIDE
    room = type(error).__module__.split(".")[1:2]
    if isinstance(error, ContractViolation | EventTooLarge) or room == ["domain"]:
        return FailureClass.PERMANENT
    return FailureClass.TRANSIENT
