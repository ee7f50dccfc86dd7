"""What bookkeeping looks through; nobody who has paid is named here, so that no reading has to be recorded."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, RuleBroken, View, listing
from contracts.bounds import Time
from contracts.organisations import looker
from pydantic import AfterValidator, Field

from payments.domain.orders import OrderUnknown
from payments.store import books
from payments.usecases import paying
from payments.web.card import CUSTOMER, STAFF

BOOKKEEPING = "bookkeeping"
Position = tuple[datetime, UUID]
ZONES = available_timezones()
FIRST = datetime(2000, 1, 1, tzinfo=UTC)

routes = Routes()


def _known_zone(name: str) -> str:
    if name not in ZONES:
        raise RuleBroken("There is no such time zone.")
    return name


Zone = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"), AfterValidator(_known_zone)]


class BookingView(View):
    """Money that came in by card or transfer, or a refund; a transfer that names no order has none.

    `state` is `done`, but for a refund that is still on its way: it is that of the refund.
    """

    booking: UUID
    kind: Literal["card", "transfer", "refund"]
    state: str
    at: datetime
    amount: int
    currency: str
    order: UUID | None
    number: str | None


class RefundView(BookingView):
    """What goes back of an order, which `way`, and when it did: null before, and where nobody has kept it."""

    way: Literal["card", "transfer"]
    done_at: datetime | None


class TurnoverView(View):
    """What came in and went back in a day or month, which begins on `first`, in one currency."""

    first: date
    currency: str
    received: int
    returned: int
    payments: int


class ImportedView(View):
    """An imported statement: how many credits it has, how many are booked and how many have paid an order."""

    statement: UUID
    iban: str
    entries: int
    booked: int
    matched: int
    imported_at: datetime
    first_day: date | None
    last_day: date | None


@routes.get("/bookings", allow=BOOKKEEPING)
async def list_bookings(
    read: Read, caller: Caller, page: Page, since: Time | None = None, until: Time | None = None
) -> Listing[BookingView]:
    """What was paid and paid back, newest first, `until` excluded; without bounds all of it until now."""
    rows = await books.listed(
        read, caller.tenant, since or FIRST, until or read.now, page.after(Position), page.limit + 1
    )
    return listing(rows, page, lambda row: (row["at"], row["booking"]), lambda row: BookingView.model_validate(row))


@routes.get("/turnover", allow=BOOKKEEPING)
async def turnover(
    read: Read,
    caller: Caller,
    since: Time | None = None,
    until: Time | None = None,
    by: Literal["day", "month"] = "day",
    zone: Zone = "UTC",
) -> Listing[TurnoverView]:
    """What came in and went back by day or month of a time zone and by currency, the first one first."""
    found = await books.turnover(read, caller.tenant, since or FIRST, until or read.now, zone, by)
    return Listing(items=[TurnoverView.model_validate(row) for row in found])


@routes.get("/statements", allow=BOOKKEEPING)
async def list_statements(read: Read, caller: Caller, page: Page) -> Listing[ImportedView]:
    """The imported statements, newest first."""
    rows = await books.statements(read, caller.tenant, page.after(Position), page.limit + 1)
    return listing(
        rows, page, lambda row: (row["imported_at"], row["statement"]), lambda row: ImportedView.model_validate(row)
    )


@routes.get("/orders/{order}/refunds", allow=(CUSTOMER, *STAFF))
async def order_refunds(read: Read, caller: Caller, order: UUID) -> Listing[RefundView]:
    """What went back of an order, or is to go back, the first one first.

    Customers see it for their own orders, owners and auditors who act for an organisation for all of it.
    """
    by = looker(caller.subject, caller.claims) if CUSTOMER in caller.roles else None
    if by is not None and await paying.readable(read, caller.tenant, order, by) is None:
        raise OrderUnknown
    found = await books.refunds_of_order(read, caller.tenant, order)
    return Listing(items=[RefundView.model_validate(row) for row in found])
