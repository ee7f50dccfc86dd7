"""The reviewers' list of what staff and operators did and read."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, cast
from uuid import UUID

import asyncpg
import orjson
from contracts.bounds import Time
from contracts.event import Sealed
from pydantic import Field, JsonValue

from chassis.audit.chain import head_of, verify_part
from chassis.audit.store import find, newest
from chassis.db.audit import SEALED
from chassis.db.transaction import Begin, Read
from chassis.identity.keyrings import KeyRings
from chassis.identity.keys import Keys
from chassis.identity.tokens import Caller
from chassis.web.paging import Listing, Page, listing
from chassis.web.problems import not_found
from chassis.web.routes import Body, Routes, View

REVIEWER: Final = "reviewer"
PURPOSE: Final = "audit"
Text = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=1, le=2**63 - 1)]
Position = Annotated[int, Field(ge=0, le=2**63 - 1)]
Part = Annotated[int, Field(ge=1, le=5000)]
MOST_FAULTS: Final = 50
routes = Routes()


class AuditView(View):
    """An act: who did what to what by which right, or read it for which purpose; personal facts are sealed."""

    number: int
    at: datetime
    actor: str
    permission: str
    operation: str
    kind: str
    object: str
    purpose: str | None
    before: dict[str, JsonValue]
    after: dict[str, JsonValue]
    request: UUID
    traceparent: str | None


class FaultView(View):
    """What is wrong with a row of the log."""

    number: int
    kind: str


class VerificationView(View):
    """Whether the rows behind `after` hold together up to `until`; the last row of the log is `head`.

    `next` is the `after` of the next part, null at the end.
    """

    after: int
    until: int
    head: int
    mark: UUID | None
    faults: list[FaultView]
    next: int | None


class OpenFacts(Body):
    """Why personal facts of an act are read."""

    purpose: Annotated[str, Field(min_length=8, max_length=200)]


@routes.get("/audit", allow=REVIEWER)
async def list_acts(
    read: Read,
    caller: Caller,
    page: Page,
    actor: Text | None = None,
    operation: Text | None = None,
    object: Text | None = None,  # noqa: A002 -- the name of a query's parameter
    since: Time | None = None,
    until: Time | None = None,
) -> Listing[AuditView]:
    """What staff and operators did and read, newest first, `until` excluded."""
    sought = (actor, operation, object, since, until)
    found = await newest(read, caller.tenant, sought, page.after(tuple[Number]), page.limit + 1)
    return listing(found, page, lambda row: (row["number"],), _view)


@routes.post("/audit/{number}/opening", allow=REVIEWER)
async def open_facts(begin: Begin, caller: Caller, number: Number, body: OpenFacts, keys: KeyRings) -> AuditView:
    """One act with its personal facts opened, null where their key is destroyed; that is an act of its own."""
    async with begin() as tx:
        row = await find(tx, caller.tenant, number)
        if row is None:
            raise not_found()
        tx.audit_reading("act", [number], PURPOSE, body.purpose)
    boxes = [box for column in ("before", "after") for box in _boxes(row[column]).values()]
    opened = await keys.ring(PURPOSE).unlock(boxes)
    return await asyncio.to_thread(_view, row, opened)


@routes.get("/audit/verification", allow=REVIEWER)
async def verify_acts(
    read: Read,
    caller: Caller,
    after: Position | None = None,
    limit: Part = 1000,
) -> VerificationView:
    """Whether the log is as it was written, a part at a time: the newest rows, or those behind a row.

    Whether its end was cut off is known by the published heads alone, which `audit verify --log` compares.
    """
    del caller
    head = await head_of(read)
    last = head.number if head else 0
    begin = max(0, last - limit) if after is None else after
    walk = await verify_part(read, begin, limit)
    faults = [FaultView(number=fault.number, kind=fault.kind) for fault in walk.faults[:MOST_FAULTS]]
    return VerificationView(
        after=begin,
        until=walk.number,
        head=max(last, walk.number),
        mark=head.mark if head else None,
        faults=faults,
        next=walk.number if begin < walk.number < last else None,
    )


def _boxes(facts: str) -> dict[str, Sealed]:
    """Return the personal facts of an act by their names."""
    named: Mapping[str, Any] = orjson.loads(facts)
    return {
        name: Sealed.parse(cast("dict[str, str]", fact)[SEALED])
        for name, fact in named.items()
        if isinstance(fact, dict) and fact.keys() == {SEALED}
    }


def _facts(facts: str, opened: Keys | None) -> dict[str, JsonValue]:
    shown: dict[str, JsonValue] = orjson.loads(facts)
    if opened is not None:
        for name, box in _boxes(facts).items():
            text = opened.open(box)
            shown[name] = text if isinstance(text, str) else None
    return shown


def _view(row: asyncpg.Record, opened: Keys | None = None) -> AuditView:
    return AuditView(
        number=row["number"],
        at=row["at"],
        actor=row["actor"],
        permission=row["permission"],
        operation=row["operation"],
        kind=row["kind"],
        object=row["object_id"],
        purpose=row["purpose"] or None,
        before=_facts(row["before"], opened),
        after=_facts(row["after"], opened),
        request=row["request_id"],
        traceparent=row["traceparent"] or None,
    )
