"""PostgreSQL: what handlers may do with it, and the outbox that commits with their writes."""

from chassis.db.connections import DatabaseBusy
from chassis.db.database import Database
from chassis.db.failure import REPEATABLE, FailureClass, classify
from chassis.db.once import Once
from chassis.db.outbox import EventTooLarge
from chassis.db.roles import make_databases
from chassis.db.tenants import known_tenants, record_tenants
from chassis.db.transaction import Begin, Read, Tx

__all__ = [
    "REPEATABLE",
    "Begin",
    "Database",
    "DatabaseBusy",
    "EventTooLarge",
    "FailureClass",
    "Once",
    "Read",
    "Tx",
    "classify",
    "known_tenants",
    "make_databases",
    "record_tenants",
]
