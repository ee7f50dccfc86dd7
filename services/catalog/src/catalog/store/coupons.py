"""The coupons of partner channels."""

from chassis.db import Read, Tx
from chassis.lists import compact

from catalog.domain.coupon import Coupon

OF_TENANT = """
select id, channel, code, discount_basis_points, valid_from, valid_until, uses, uses_per_customer
from coupons
where tenant = $1
"""


async def of_tenant(read: Read, tenant: str) -> dict[tuple[str, str], Coupon]:
    """Return all coupons by channel, and by what their codes are known."""
    return {(row["channel"], compact(row["code"])): Coupon(**dict(row)) for row in await read.fetch(OF_TENANT, tenant)}


PUT = """
insert into coupons
  (tenant, id, channel, code, discount_basis_points, valid_from, valid_until, uses, uses_per_customer)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, id) do update
set discount_basis_points = excluded.discount_basis_points,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until,
    uses = excluded.uses,
    uses_per_customer = excluded.uses_per_customer
"""


async def put(tx: Tx, tenant: str, coupon: Coupon) -> None:
    """Store a coupon as it is now."""
    named = (coupon.id, coupon.channel, coupon.code)
    limits = (coupon.valid_from, coupon.valid_until, coupon.uses, coupon.uses_per_customer)
    await tx.execute(PUT, tenant, *named, coupon.discount_basis_points, *limits)
