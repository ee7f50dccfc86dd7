"""What clients send."""

from typing import Annotated, Literal
from uuid import UUID

from chassis.web import Body
from pydantic import Field

Address = Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s]+$")]


class Pay(Body):
    """The order to pay by card, and where to go from the hosted page."""

    order: UUID
    success_url: Address | None = None
    cancel_url: Address | None = None
    save_card: bool = False


class Allocate(Body):
    """The units that transferred money pays, and the entries it is taken from where one is not enough."""

    order: UUID
    units: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    together_with: Annotated[list[UUID], Field(max_length=20)] = Field(default_factory=list[UUID])


class Close(Body):
    """What has become of the money."""

    outcome: Literal["paid_back", "kept"]


class PaidOut(Body):
    """The bank's reference of the transfer by which the money went back."""

    reference: Annotated[str, Field(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9 ./+:-]+$")]
