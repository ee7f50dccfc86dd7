"""Attempts to send e-mails: claimed, leased, settled; a bounced one may be revived."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from chassis.db import Tx
from pydantic import ConfigDict, TypeAdapter
from pydantic_core import to_json

from letters.domain.brand import Brand
from letters.domain.email import Email
from letters.domain.letter import Letter
from letters.domain.sending import Lease
from letters.store.emails import columns

# Letters are stored under these names; pydantic takes no settings for a dataclass itself.
STORED = {"id": "email", "order_id": "order", "grant_id": "grant", "line_id": "line", "unit_ids": "units"}
LAYOUT = TypeAdapter(
    tuple[Letter],
    config=ConfigDict(
        ser_json_bytes="base64",
        val_json_bytes="base64",
        alias_generator=lambda name: STORED.get(name, name),
        serialize_by_alias=True,
    ),
)

BRAND = TypeAdapter(Brand)

# An order's e-mails leave one after the other; who is at work on an order is not waited for.
CLAIM = """
select emails.tenant, emails.order_id, emails.id, records_keys.key_id, records_keys.public_key,
       sellers.email, sellers.telephone, reply_addresses.address as reply_to,
       (
         select shops.brand::text
         from shops
         where shops.tenant = orders.tenant
           and shops.channel = orders.channel
           and shops.brand is not null
         order by shops.opened_at, shops.id
         limit 1
       ) as brand,
       (
         select count(*)
         from orders mine
         join emails past on past.tenant = mine.tenant and past.order_id = mine.id
         where mine.tenant = orders.tenant
           and mine.contact_key_id = orders.contact_key_id
           and past.state = 'sent'
           and past.settled_at > $1::timestamptz - interval '1 hour'
       ) + (
         select count(*)
         from notifications past
         where past.tenant = orders.tenant
           and past.contact_key_id = orders.contact_key_id
           and past.state = 'sent'
           and past.settled_at > $1::timestamptz - interval '1 hour'
       ) as lately,
       case when emails.state = 'sending' then emails.letter end as letter
from emails
join orders on orders.tenant = emails.tenant and orders.id = emails.order_id
left join sellers on sellers.tenant = orders.tenant and sellers.seller = orders.seller
left join reply_addresses
  on reply_addresses.tenant = orders.tenant and reply_addresses.order_id = orders.id
left join records_keys
  on records_keys.tenant = orders.tenant and records_keys.seller = orders.seller and records_keys.year = $3
where emails.state in ('waiting', 'sending')
  and emails.send_at <= $1
  and (emails.leased_until is null or emails.leased_until < clock_timestamp())
  and not exists (
    select 1
    from emails earlier
    where earlier.tenant = emails.tenant
      and earlier.order_id = emails.order_id
      and earlier.sequence < emails.sequence
      and earlier.state in ('waiting', 'sending')
  )
order by emails.send_at, emails.id
limit $2
for update of orders, emails skip locked
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An e-mail that is to be sent now: its letter where an attempt may have reached the server.

    Its copy is kept under `records`, the id and public half of a key. The seller is reached by
    `email` and `telephone`; an answer goes to `reply_to`, if there is one.
    `brand` is that of the shop of its channel; `lately` is how many e-mails its customer has got within an hour.
    """

    tenant: str
    order_id: UUID
    id: UUID
    records: tuple[UUID, bytes] | None
    letter: Letter | None
    lately: int
    email: str | None
    telephone: str | None
    reply_to: str | None
    brand: Brand | None


async def claim(tx: Tx, limit: int) -> list[Claimed]:
    """Lock and return e-mails that are to be sent now, at most one of an order; their orders are locked too."""
    return [
        Claimed(
            row["tenant"],
            row["order_id"],
            row["id"],
            None if row["key_id"] is None else (row["key_id"], row["public_key"]),
            None if row["letter"] is None else LAYOUT.validate_json(row["letter"])[0],
            row["lately"],
            row["email"],
            row["telephone"],
            row["reply_to"],
            None if row["brand"] is None else BRAND.validate_json(row["brand"]),
        )
        for row in await tx.fetch(CLAIM, tx.now, limit, tx.now.year)
    ]


LEASE = """
with contents as (
  select tenant, order_id, sequence, part, unit_id
  from unnest(
    (select $5::text[]), (select $6::uuid[]), (select $7::integer[]), (select $8::bytea[]), (select $9::uuid[])
  ) as content (tenant, order_id, sequence, part, unit_id)
), carried_links as (
  update links
  set emailed_in = contents.sequence
  from contents
  where links.tenant = contents.tenant
    and links.order_id = contents.order_id
    and links.digest = contents.part
), carried_keys as (
  update license_keys
  set emailed_in = contents.sequence
  from contents
  where license_keys.tenant = contents.tenant
    and license_keys.order_id = contents.order_id
    and uuid_send(license_keys.id) = contents.part
), stated as (
  update extensions
  set emailed_in = stated.sequence
  from unnest((select $10::text[]), (select $11::uuid[]), (select $12::integer[]), (select $13::uuid[]))
    as stated (tenant, order_id, sequence, grant_id)
  where extensions.tenant = stated.tenant
    and extensions.order_id = stated.order_id
    and extensions.grant_id = stated.grant_id
), carried as (
  insert into email_contents (tenant, order_id, part, unit_id, emailed_in)
  select tenant, order_id, part, unit_id, sequence
  from contents
  on conflict (tenant, order_id, part, unit_id) do update
  set emailed_in = excluded.emailed_in
)
update emails
set state = 'sending', lost = lost or state = 'sending', leased_until = clock_timestamp() + $4, attempts = attempts + 1,
    letter = leased.letter
from unnest((select $1::text[]), (select $2::uuid[]), (select $3::text[])) as leased (tenant, id, letter)
where emails.tenant = leased.tenant
  and emails.id = leased.id
"""


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter to be sent, with the sequence of its e-mail and the links and keys that this carries to units.

    It states the terms of `grants`.
    """

    letter: Letter
    sequence: int
    parts: Sequence[tuple[bytes, UUID]] = ()
    grants: Collection[UUID] = ()


async def lease(tx: Tx, leased: Sequence[Leased], lease: Lease) -> None:
    """Keep others from sending these letters for a while, and keep them as they are sent."""
    letters = [(one.letter.tenant, one.letter.id, LAYOUT.dump_json((one.letter,)).decode()) for one in leased]
    parts = [(one.letter.tenant, one.letter.order_id, one.sequence, *part) for one in leased for part in one.parts]
    grants = [(one.letter.tenant, one.letter.order_id, one.sequence, grant) for one in leased for grant in one.grants]
    await tx.execute(LEASE, *columns(letters, 3), lease.duration, *columns(parts, 5), *columns(grants, 4))


SETTLE = """
with delivered as (
  update paid_units
  set delivered_in = ended.sequence
  from unnest((select $1::jsonb[])) as row,
       jsonb_to_record(row) as ended (tenant text, order_id uuid, sequence integer, unit_ids uuid[])
  where paid_units.tenant = ended.tenant
    and paid_units.order_id = ended.order_id
    and paid_units.id = any(ended.unit_ids)
)
update emails
set state = ended.state, send_at = ended.send_at, lost = ended.lost, failures = ended.failures,
    first_failed_at = ended.first_failed_at, settled_at = ended.settled_at, code = ended.code, answer = ended.answer,
    unit_ids = ended.unit_ids, sealed_copy = coalesce(ended.sealed_copy, emails.sealed_copy), leased_until = null,
    letter = case when ended.state = 'sending' then letter end
from unnest((select $1::jsonb[])) as row, jsonb_to_record(row) as ended
  (tenant text, id uuid, state text, send_at timestamptz, lost boolean, failures integer, first_failed_at timestamptz,
   settled_at timestamptz, code integer, answer text, unit_ids uuid[], sealed_copy text)
where emails.tenant = ended.tenant
  and emails.id = ended.id
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """An e-mail after an attempt, with the copy of what was sent where it arrived."""

    tenant: str
    email: Email
    sealed_copy: str | None = None


async def settle(tx: Tx, settled: Iterable[Settled]) -> None:
    """Record the states of e-mails after an attempt, each once, and that they have delivered their units."""
    rows = [asdict(one.email) | {"tenant": one.tenant, "sealed_copy": one.sealed_copy} for one in settled]
    if rows:
        await tx.execute(SETTLE, [to_json(row).decode() for row in rows])


FREE = """
with freed_links as (
  update links
  set emailed_in = null
  where tenant = $1
    and order_id = $2
    and emailed_in = $3
), freed_extensions as (
  update extensions
  set emailed_in = null
  where tenant = $1
    and order_id = $2
    and emailed_in = $3
), freed_keys as (
  update license_keys
  set emailed_in = null
  where tenant = $1
    and order_id = $2
    and emailed_in = $3
)
delete from email_contents
where tenant = $1
  and order_id = $2
  and emailed_in = $3
"""


async def free(tx: Tx, tenant: str, email: Email) -> None:
    """Take links and keys out of an e-mail that certainly did not reach the server."""
    await tx.execute(FREE, tenant, email.order_id, email.sequence)


REVIVE = """
update emails
set state = 'waiting', send_at = $3, lost = false, failures = 0, first_failed_at = null, settled_at = null
where tenant = $1
  and id = $2
  and state = 'bounced'
"""


async def revive(tx: Tx, tenant: str, email_id: UUID) -> bool:
    """Let a bounced e-mail be tried again at once; return whether it is one."""
    return await tx.execute(REVIVE, tenant, email_id, tx.now) > 0
