"""The coupons of partner channels."""

from chassis.db import Tx

from catalog.domain.coupon import Coupon

OF_TENANT = """
select coupon, channel, code, discount_basis_points, valid_from, valid_until, uses
from coupons
where tenant = $1
"""

PUT = """
insert into coupons (tenant, coupon, channel, code, discount_basis_points, valid_from, valid_until, uses)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, coupon) do update
set discount_basis_points = excluded.discount_basis_points,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until,
    uses = excluded.uses
"""


async def of_tenant(tx: Tx, tenant: str) -> dict[tuple[str, str], Coupon]:
    """All coupons by channel and code."""
    return {(row["channel"], row["code"]): Coupon(**dict(row)) for row in await tx.fetch(OF_TENANT, tenant)}


async def put(tx: Tx, tenant: str, coupon: Coupon) -> None:
    """Keep a coupon as it is now."""
    terms = (coupon.discount_basis_points, coupon.valid_from, coupon.valid_until, coupon.uses)
    await tx.execute(PUT, tenant, coupon.coupon, coupon.channel, coupon.code, *terms)
