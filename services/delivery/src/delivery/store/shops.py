"""Shops: under which brand the page of a link is shown."""

import re
from typing import Final

from chassis.db import Read, Tx
from contracts.storefront import ShopClosed, ShopOpened

from delivery.domain.brand import Brand

# it becomes a part of a style sheet
COLOR: Final = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
# and this one a part of an address
HOST: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}(:[0-9]{1,5})?")

# A shop has one row in each tenant that it sold for; the newest event holds, `opened_at` is of the first.
OPEN = """
insert into shops (tenant, id, channel, name, color, host, opened_at, sequence)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, id) do update
set channel = case when shops.sequence < $8 then excluded.channel else shops.channel end,
    name = case when shops.sequence < $8 then excluded.name else shops.name end,
    color = case when shops.sequence < $8 then excluded.color else shops.color end,
    host = case when shops.sequence < $8 then excluded.host else shops.host end,
    opened_at = least(shops.opened_at, excluded.opened_at),
    sequence = greatest(shops.sequence, excluded.sequence)
"""


async def open_shop(tx: Tx, opened: ShopOpened) -> None:
    """Record a shop as it is now, if it has a colour that can be shown."""
    brand = opened.brand
    host = opened.hosts[0] if opened.hosts and HOST.fullmatch(opened.hosts[0]) else ""
    name, color = (brand.name, brand.color) if COLOR.fullmatch(brand.color) and brand.name else (None, None)
    since = (tx.cause and tx.cause.time) or tx.now
    await tx.execute(OPEN, opened.tenant, opened.shop, opened.channel, name, color, host, since, tx.sequence)


CLOSE = """
insert into shops (tenant, id, channel, opened_at, sequence)
values ($1, $2, $3, $4, $5)
on conflict (tenant, id) do update
set name = null, color = null, host = null, sequence = excluded.sequence
where shops.sequence < excluded.sequence
"""


async def close_shop(tx: Tx, closed: ShopClosed) -> None:
    """Show nothing under the brand of a shop any more; that is kept, for its opening may arrive later."""
    since = (tx.cause and tx.cause.time) or tx.now
    await tx.execute(CLOSE, closed.tenant, closed.shop, closed.channel, since, tx.sequence)


OF_CHANNEL = """
select name, color, host
from shops
where tenant = $1
  and channel = $2
  and name is not null
order by opened_at, id
limit 1
"""


async def of_channel(read: Read, tenant: str, channel: str) -> Brand | None:
    """Return the brand under which what a channel sells is delivered; None where no open shop is known."""
    row = await read.row(OF_CHANNEL, tenant, channel)
    return None if row is None else Brand(**dict(row))
