"""What clients send."""

import re
from typing import Annotated, Literal
from uuid import UUID

from chassis.lists import compact
from chassis.web import Body, RuleBroken
from contracts.bounds import Time
from contracts.shared import (
    MEETING_RULE,
    MeetingSource,
    MeetingStatus,
    Participants,
    Revision,
    keeps_meeting_rule,
)
from pydantic import AfterValidator, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Market = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
ACCOUNT = re.compile(r"[A-Z0-9]{4,40}")
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
    source: MeetingSource
    revision: Revision = 1
    host: UUID
    status: MeetingStatus
    started_at: Time
    ended_at: Time
    participants: Participants
    tenant: Name | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "LogMeeting":
        if not keeps_meeting_rule(self.started_at, self.ended_at):
            raise RuleBroken(MEETING_RULE)
        return self


class Address(Body):
    """Where a shipment goes."""

    name: Text
    street: Text
    postal_code: Annotated[str, Field(min_length=1, max_length=16)]
    city: Text
    country: Market


def _account(text: str) -> str:
    if not ACCOUNT.fullmatch(number := compact(text)):
        raise RuleBroken("an account's number has 4 to 40 letters and digits")
    return number


Account = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_account)]


class Redeem(Body):
    """A reward of the catalogue, and where it goes: the number of a miles account, or the address for a shipment."""

    reward: Name
    # kept sealed, so that it may look like a card number
    account: Account | None = None
    address: Address | None = None
