"""What operators of a tenant see of a service: its version, what it has not published, what waits and what is dead.

Shown are the events of the operator's own tenant; those that name no tenant are left to the command line.
"""

import re
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import asyncpg
from contracts.wire import Attributes, ContractViolation
from pydantic import Field

from chassis.consuming import ServiceName, parking
from chassis.db.outbox import unpack_headers
from chassis.db.transaction import Read, Tx
from chassis.identity.tokens import Caller
from chassis.operations import store
from chassis.telemetry.current import version_of
from chassis.telemetry.masking import mask_text
from chassis.web.paging import Listing, Page, listing
from chassis.web.problems import not_found
from chassis.web.routes import Routes, View

OPERATOR: Final = "operator"
KIND: Final = "dead event"
REPLAY: Final = "/operations/dead/{event}/replay"
# the kind of an error comes first; what follows may name values
ERROR: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
routes = Routes()


class BacklogView(View):
    """How many events there are, 10,000 at most, and since when the oldest of them."""

    count: int
    oldest_at: datetime | None


class OutboxView(BacklogView):
    """Events that Kafka has not acknowledged, and how many of them it has refused."""

    refused: int


class OperationsView(View):
    """A service as its operators see it; `schema_version` has the last migration of each series."""

    service: str
    version: str
    schema_version: dict[str, int]
    outbox: OutboxView
    parked: BacklogView
    dead: BacklogView


class ParkedView(View):
    """An event that could not be handled: which, since when, how often tried, and the kind of its error."""

    id: int
    topic: str
    key: str
    event: UUID | None
    source: str | None
    occurred_at: datetime | None
    parked_at: datetime
    attempts: int
    next_attempt: datetime
    error: str


class ReplayView(View):
    """What became of a dead event: it waits to be tried again, or was tried and is no longer here."""

    id: int
    state: Literal["waiting", "gone"]


@routes.get("/operations", allow=OPERATOR)
async def view_operations(read: Read, caller: Caller, name: ServiceName) -> OperationsView:
    """The service's version, and how much waits: to be published, to be tried again, or for somebody's decision."""
    outbox = await store.outbox(read, caller.tenant)
    return OperationsView(
        service=name,
        version=version_of(name),
        schema_version=await store.schema(read),
        outbox=OutboxView(
            count=outbox["rows"] if outbox else 0,
            oldest_at=outbox["oldest_at"] if outbox else None,
            refused=outbox["refused"] if outbox else 0,
        ),
        parked=_backlog(await store.parked(read, caller.tenant, "waiting")),
        dead=_backlog(await store.parked(read, caller.tenant, "dead")),
    )


@routes.get("/operations/parked", allow=OPERATOR)
async def list_parked(read: Read, caller: Caller, page: Page) -> Listing[ParkedView]:
    """Events that wait to be tried again, the oldest first; what follows them under the same key waits with them."""
    return await _list(read, caller, page, "waiting")


@routes.get("/operations/dead", allow=OPERATOR)
async def list_dead(read: Read, caller: Caller, page: Page) -> Listing[ParkedView]:
    """Events that could not be handled, the oldest first."""
    return await _list(read, caller, page, "dead")


@routes.post(REPLAY, allow=OPERATOR)
async def replay_dead(tx: Tx, caller: Caller, event: Number) -> ReplayView:
    """Let a dead event be tried again as if it had just arrived; repeated, it answers what became of it."""
    found = await store.find(tx, caller.tenant, event)
    if found is None:
        if not await store.was_decided(tx, caller.tenant, event, KIND, f"POST {REPLAY}"):
            raise not_found()
        return ReplayView(id=event, state="gone")
    if found["state"] == "dead":
        await parking.revive(tx, [event], None)
        tx.audit(KIND, event, before={name: found[name] for name in ("topic", "partition", "record_offset")})
    return ReplayView(id=event, state="waiting")


async def _list(read: Read, caller: Caller, page: Page, state: str) -> Listing[ParkedView]:
    rows = await store.listed(read, caller.tenant, state, page.after(tuple[Number]), page.limit + 1)
    return listing(rows, page, lambda row: (row["id"],), _view)


def _backlog(row: asyncpg.Record | None) -> BacklogView:
    return BacklogView(count=row["rows"] if row else 0, oldest_at=row["oldest_at"] if row else None)


def _view(row: asyncpg.Record) -> ParkedView:
    attributes: Attributes | None
    try:
        attributes = Attributes.parse(unpack_headers(row["headers"]))
    except ContractViolation:
        attributes = None
    error = ERROR.match(row["reason"])
    return ParkedView(
        id=row["id"],
        topic=row["topic"],
        key=mask_text(bytes(row["key"]).decode(errors="replace")),
        event=attributes.id if attributes else None,
        source=mask_text(attributes.source) if attributes else None,
        occurred_at=attributes.time if attributes else None,
        parked_at=row["parked_at"],
        attempts=row["attempts"],
        next_attempt=row["next_attempt"],
        error=error[0] if error else "",
    )
