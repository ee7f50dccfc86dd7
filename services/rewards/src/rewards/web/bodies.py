"""What clients send."""

from typing import Annotated, Literal
from uuid import UUID

from chassis.web import Body, RuleBroken
from contracts.shared import MeetingStatus
from pydantic import AwareDatetime, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Market = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Position = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Enrol(Body):
    """Taking part, by the clock of this IANA time zone.

    Where none is named, the language is the account's and the market `DEFAULT_MARKET`.
    """

    time_zone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._+/-]+$")]
    market: Market | None = None
    language: Literal["de", "en"] | None = None


class LogMeeting(Body):
    """What a conferencing system reports of a meeting; a higher revision corrects a lower one.

    A service names the tenant, for its token names none; staff may leave it out.
    """

    meeting: UUID
    source: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._:/-]{0,99}$")]
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    host: UUID
    status: MeetingStatus
    started_at: AwareDatetime
    ended_at: AwareDatetime
    participants: Annotated[int, Field(ge=0, le=100_000)]
    tenant: Name | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "LogMeeting":
        """A meeting ends after it starts."""
        if self.ended_at <= self.started_at:
            raise RuleBroken("ended_at is not after started_at")
        return self


class Redeem(Body):
    """A reward of the catalogue."""

    reward: Name
