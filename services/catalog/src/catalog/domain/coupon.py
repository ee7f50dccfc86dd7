"""Discounts that partner channels offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.domain.errors import CouponAlike, CouponInDirectChannel, NeverSellable
from catalog.domain.product import Channel, Kind, coupon_id, known


@dataclass(frozen=True, slots=True)
class WantedCoupon:
    """A discount in basis points (1000 is 10 per cent) off each line's price; without a start it counts from now on."""

    channel: str
    code: str
    discount_basis_points: int
    valid_from: datetime | None
    valid_until: datetime
    uses: int | None
    uses_per_customer: int = 1


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it is offered; `uses`, of all customers together, is None where they are not limited."""

    id: UUID
    channel: str
    code: str
    discount_basis_points: int
    valid_from: datetime
    valid_until: datetime
    uses: int | None
    uses_per_customer: int


def offer(
    tenant: str, wanted: WantedCoupon, channels: Mapping[str, Channel], before: Coupon | None, now: datetime
) -> Coupon:
    """Return the coupon as it is to be (CAT-4, M17).

    Raises `ChannelUnknown`, `CouponInDirectChannel`, `CouponAlike`, and `NeverSellable` where it ends before it begins.
    """
    if known(channels, wanted.channel).kind is Kind.DIRECT:
        raise CouponInDirectChannel
    if before is not None and before.code != wanted.code:
        raise CouponAlike
    begins = wanted.valid_from or (before.valid_from if before else now)
    if wanted.valid_until <= begins:
        raise NeverSellable
    return Coupon(
        id=coupon_id(tenant, wanted.channel, wanted.code),
        channel=wanted.channel,
        code=wanted.code,
        discount_basis_points=wanted.discount_basis_points,
        valid_from=begins,
        valid_until=wanted.valid_until,
        uses=wanted.uses,
        uses_per_customer=wanted.uses_per_customer,
    )
