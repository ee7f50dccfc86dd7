"""Telling apart what may pass, what never will, and what concerns the whole service."""

from enum import Enum

import asyncpg
from contracts.wire import ContractViolation

from chassis.db.database import DatabaseBusy
from chassis.db.outbox import EventTooLarge
from chassis.identity.keys import KeysUnavailable

REPEAT = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,
)
WHOLE_SERVICE = (
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


class FailureClass(Enum):
    """What an exception means for the event that raised it."""

    REPEAT = "the transaction may succeed when repeated at once"
    WHOLE_SERVICE = "no event can be handled now: wait"
    PERMANENT = "this event will never be handled as it is"
    TRANSIENT = "this event may be handled later"


def classify(error: BaseException) -> FailureClass:
    """What to do about an exception; a domain error is one whose class lives in a service's domain room."""
    if isinstance(error, REPEAT):
        return FailureClass.REPEAT
    if isinstance(error, asyncpg.QueryCanceledError):
        # one slow statement is that event's trouble, and must not hold up all others for ever
        return FailureClass.TRANSIENT
    if isinstance(error, WHOLE_SERVICE):
        return FailureClass.WHOLE_SERVICE
    room = type(error).__module__.split(".")[1:2]
    if isinstance(error, ContractViolation | EventTooLarge) or room == ["domain"]:
        return FailureClass.PERMANENT
    return FailureClass.TRANSIENT
