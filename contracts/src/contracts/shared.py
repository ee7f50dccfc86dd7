"""The events that several services publish, and the parts that several events have in common."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypedDict
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.bounds import Days, Time
from contracts.event import Event, Internal, Part, Public, SubjectKey, days


class CustomerType(StrEnum):
    """Whether somebody buys as a consumer (BGB 13) or a business."""

    CONSUMER = "consumer"
    BUSINESS = "business"


class Fulfilment(StrEnum):
    """How a line is delivered."""

    DOWNLOAD = "download"
    BOXED = "boxed"


class KeySource(StrEnum):
    """Where the key of a sold unit comes from."""

    NONE = "none"
    IMPORTED = "imported"
    GENERATED = "generated"


class KeysPer(StrEnum):
    """Whether each unit has a key of its own, or all units of an order's line share one (LIC-4)."""

    UNIT = "unit"
    PURCHASE = "purchase"


class DeliveryDays(Part):
    """How many working days a box takes from payment to its buyer, at least and at most."""

    least: Public[Days]
    most: Public[Days]


class CustomerKeys(Part):
    """The public keys of a customer: `profile` for account and statistics, `contact` for what must reach them."""

    profile: Public[SubjectKey]
    contact: Public[SubjectKey]


class SaleHeader(TypedDict):
    """The header of a sale's events, as their producers fill it in: the fields of `SaleEvent`."""

    tenant: str
    channel: str
    market: str
    seller: str
    order: UUID
    order_number: str
    ordered_at: Time


class SaleEvent(Event, abstract=True):
    """What every event of a sale carries."""

    channel: Public[str]
    market: Public[str]
    seller: Public[str]
    order: Public[UUID]
    order_number: Public[str]
    ordered_at: Public[Time]

    @property
    def header(self) -> SaleHeader:
        """The header, for another event of the same sale:  `OrderClosed(**placed.header, ...)`."""
        return SaleHeader(
            tenant=self.tenant,
            channel=self.channel,
            market=self.market,
            seller=self.seller,
            order=self.order,
            order_number=self.order_number,
            ordered_at=self.ordered_at,
        )


class MeetingStatus(StrEnum):
    """What became of a meeting; only held ones earn (L17)."""

    HELD = "held"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


MeetingSource = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._:/-]{0,99}$")]
Revision = Annotated[int, Field(ge=1, le=2**31 - 1)]
Participants = Annotated[int, Field(ge=0, le=100_000)]
MEETING_RULE: Final = "ended_at is after started_at"


def keeps_meeting_rule(started_at: datetime, ended_at: datetime) -> bool:
    """Whether a meeting ends after it begins, at whatever door it is reported."""
    return ended_at > started_at


class MeetingLogged(Event, key="host", subject="meeting", retention=days(90)):
    """A conferencing system reports what became of a meeting (L13); a higher revision corrects a lower one.

    It ends after it begins.
    """

    model_config = ConfigDict(json_schema_extra={"x-rules": [MEETING_RULE]})

    meeting: Public[UUID]
    source: Public[MeetingSource]
    revision: Public[Revision] = 1
    host: Internal[UUID]
    status: Public[MeetingStatus]
    started_at: Public[Time]
    ended_at: Public[Time]
    participants: Public[Participants]

    @model_validator(mode="after")
    def _keeps_rule(self) -> "MeetingLogged":
        if not keeps_meeting_rule(self.started_at, self.ended_at):
            raise PydanticCustomError("meeting_rule", MEETING_RULE)
        return self

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "meeting": "0192d3a4-0000-7000-8000-000000000901",
        "source": "conferencing/example",
        "revision": 1,
        "host": "0192d3a4-0000-7000-8000-000000000101",
        "status": "held",
        "started_at": "2026-11-02T09:00:00Z",
        "ended_at": "2026-11-02T09:45:00Z",
        "participants": 4,
    }


class ErasureConfirmed(Event, key="customer", subject="key", retention=days(365)):
    """A service can no longer read what was sealed to the destroyed key (ORD-2)."""

    customer: Internal[UUID]
    key: Public[UUID]
    service: Public[str]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "customer": "0192d3a4-0000-7000-8000-000000000101",
        "key": "0192d3a4-0000-7000-8000-000000000102",
        "service": "delivery",
    }
