"""The events that rewards publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Count, Time
from contracts.event import Event, Internal, Part, Public, Sealed, days


class RewardKind(StrEnum):
    """A code out of a pool, a credit at an external miles account, or a shipment (L16)."""

    VOUCHER = "voucher"
    MILES = "miles"
    SHIPMENT = "shipment"


class Addressee(Part):
    """Who is written to about a redemption, and in which language; both boxes are sealed to the customer's contact."""

    language: Public[str]
    name: Sealed
    email: Sealed


_MEMBER = "0192d3a4-0000-7000-8000-000000000801"
_REDEMPTION = "0192d3a4-0000-7000-8000-000000000803"
_CUSTOMER = "0192d3a4-0000-7000-8000-000000000101"
_CONTACT = "0192d3a4-0000-7000-8000-000000000103"
_ADDRESSEE = {
    "language": "de",
    "name": {"key": _CONTACT, "kind": "name", "box": "AAAA"},
    "email": {"key": _CONTACT, "kind": "email", "box": "AAAA"},
}


class MemberEnrolled(Event, key="member"):
    """A customer takes part in the rewards programme from this moment on (L7)."""

    member: Internal[UUID]
    customer: Internal[UUID]
    market: Public[str]
    language: Public[str]
    time_zone: Public[str]
    enrolled_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "customer": _CUSTOMER,
        "market": "DE",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "enrolled_at": "2026-11-01T00:00:00Z",
    }


class PointsAccrued(Event, key="member", subject="posting", retention=days(365)):
    """A held meeting has earned points under this version of a rule; `arithmetic` explains the number (REW-11)."""

    member: Internal[UUID]
    posting: Public[UUID]
    meeting: Public[UUID]
    rule: Public[str]
    rule_version: Public[Count]
    points: Public[Count]
    arithmetic: Public[str]
    accrued_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "posting": "0192d3a4-0000-7000-8000-000000000802",
        "meeting": "0192d3a4-0000-7000-8000-000000000901",
        "rule": "held-meeting",
        "rule_version": 1,
        "points": 100,
        "arithmetic": "1 held meeting x 100 points",
        "accrued_at": "2026-11-02T09:45:01Z",
    }


class PointsReversed(Event, key="member", subject="posting", retention=days(365)):
    """What a meeting had earned is taken back because it was corrected or withdrawn (F-R03)."""

    member: Internal[UUID]
    posting: Public[UUID]
    meeting: Public[UUID]
    points: Public[Count]
    reversed_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "posting": "0192d3a4-0000-7000-8000-000000000804",
        "meeting": "0192d3a4-0000-7000-8000-000000000901",
        "points": 100,
        "reversed_at": "2026-11-03T09:00:00Z",
    }


class RewardRedeemed(Event, key="member", subject="redemption", retention=days(365)):
    """A member has spent points on a reward; `reward_title` is what it is called in the language of the `addressee`."""

    member: Internal[UUID]
    redemption: Public[UUID]
    reward: Public[str]
    kind: Public[RewardKind]
    points: Public[Count]
    redeemed_at: Public[Time]
    reward_title: Public[str | None] = None
    addressee: Internal[Addressee | None] = None

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "redemption": _REDEMPTION,
        "reward": "flight-1600-km",
        "kind": "miles",
        "points": 6000,
        "redeemed_at": "2026-11-20T09:00:00Z",
        "reward_title": "Flug über 1600 km",
        "addressee": _ADDRESSEE,
    }


class RewardFailed(Event, key="member", subject="redemption", retention=days(365)):
    """A partner could not deliver a reward; its points are given back."""

    member: Internal[UUID]
    redemption: Public[UUID]
    reward: Public[str]
    kind: Public[RewardKind]
    points: Public[Count]
    failed_at: Public[Time]
    reward_title: Public[str | None] = None
    addressee: Internal[Addressee | None] = None

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "redemption": _REDEMPTION,
        "reward": "flight-1600-km",
        "kind": "miles",
        "points": 6000,
        "failed_at": "2026-11-21T09:00:00Z",
        "reward_title": "Flug über 1600 km",
        "addressee": _ADDRESSEE,
    }


class RewardFulfilled(Event, key="member", subject="redemption", retention=days(365)):
    """The reward is in the member's hands; a voucher's code is sealed to the customer's contact."""

    member: Internal[UUID]
    redemption: Public[UUID]
    reward: Public[str]
    kind: Public[RewardKind]
    code: Sealed | None = None
    fulfilled_at: Public[Time]
    reward_title: Public[str | None] = None
    addressee: Internal[Addressee | None] = None

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "member": _MEMBER,
        "redemption": _REDEMPTION,
        "reward": "restaurant-voucher",
        "kind": "voucher",
        "code": {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "voucher_code", "box": "AAAA"},
        "fulfilled_at": "2026-11-20T09:00:01Z",
        "reward_title": "Restaurantgutschein über 25 EUR",
        "addressee": _ADDRESSEE,
    }
