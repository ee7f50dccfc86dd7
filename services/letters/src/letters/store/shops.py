"""Shops: under which brand letters about a channel's orders are written."""

from chassis.db import Tx
from contracts.storefront import ShopClosed, ShopOpened
from pydantic_core import to_json

from letters.domain.brand import Brand

# A shop has one row in each tenant that it sold for; the newest event holds, `opened_at` is of the first.
OPEN = """
insert into shops (tenant, id, channel, brand, opened_at, sequence)
values ($1, $2, $3, $4::jsonb, $5, $6)
on conflict (tenant, id) do update
set channel = case when shops.sequence < $6 then excluded.channel else shops.channel end,
    brand = case when shops.sequence < $6 then excluded.brand else shops.brand end,
    opened_at = least(shops.opened_at, excluded.opened_at),
    sequence = greatest(shops.sequence, excluded.sequence)
"""


async def open_shop(tx: Tx, opened: ShopOpened) -> None:
    """Record a shop as it is now."""
    facts = opened.brand
    brand = Brand(
        name=facts.name,
        color=facts.color,
        host=opened.hosts[0] if opened.hosts else "",
        tagline=facts.tagline,
        imprint=facts.imprint,
        contact=facts.contact,
        mail_from=facts.mail_from,
    )
    since = (tx.cause and tx.cause.time) or tx.now
    text = to_json(brand).decode()
    await tx.execute(OPEN, opened.tenant, opened.shop, opened.channel, text, since, tx.sequence)


CLOSE = """
insert into shops (tenant, id, channel, brand, opened_at, sequence)
values ($1, $2, $3, null, $4, $5)
on conflict (tenant, id) do update
set brand = null, sequence = excluded.sequence
where shops.sequence < excluded.sequence
"""


async def close_shop(tx: Tx, closed: ShopClosed) -> None:
    """Write under the brand of a shop no more; that is kept, for its opening may arrive later."""
    since = (tx.cause and tx.cause.time) or tx.now
    await tx.execute(CLOSE, closed.tenant, closed.shop, closed.channel, since, tx.sequence)
