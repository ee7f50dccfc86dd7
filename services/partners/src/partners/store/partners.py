"""Partners, and who is sent what at once."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from chassis.db import Read, Tx

from partners.domain.partner import Partner, State

HOLD_STILL = """
select pg_advisory_xact_lock_shared(hashtextextended('readers ' || tenant, 0))
from (select unnest($1::text[]) as tenant order by 1) as one
"""


async def hold_still(tx: Tx, tenants: Iterable[str]) -> None:
    """Let nobody begin or end to be a reader of these tenants until this transaction ends."""
    await tx.fetch(HOLD_STILL, sorted(tenants))


HOLD_ALL = """
select pg_advisory_xact_lock(hashtextextended('readers ' || $1, 0))
"""


async def hold_all(tx: Tx, tenant: str) -> None:
    """Wait until all that is being kept for a tenant is committed, and let nothing more be kept meanwhile."""
    await tx.fetch(HOLD_ALL, tenant)


READERS = """
select tenant, channel, array_agg(partner_id order by partner_id) as ids
from unnest($1::text[], $2::text[]) as one (tenant, channel)
join readers using (tenant, channel)
group by tenant, channel
"""


async def readers(tx: Tx, named: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Return who is sent at once what is about channels, each with its tenant."""
    rows = await tx.fetch(READERS, [tenant for tenant, _ in named], [channel for _, channel in named])
    return {(row["tenant"], row["channel"]): row["ids"] for row in rows}


COLUMNS = """
select id, tenant, channels, state, since, replayed, replay_since, present
from partners
"""

FIND = f"""
{COLUMNS}
where id = $1
"""


async def find(read: Read, id_: str) -> Partner | None:
    """Return a partner."""
    row = await read.row(FIND, id_)
    return None if row is None else _partner(row)


LIST = f"""
{COLUMNS}
where $1::text is null
   or tenant = $1
order by id
"""


async def list_of(read: Read, tenant: str | None) -> list[Partner]:
    """Return a tenant's partners, or all."""
    return [_partner(row) for row in await read.fetch(LIST, tenant)]


SAVE = """
with saved as (
  insert into partners (id, tenant, channels, state, since, secret, replayed, replay_since, present)
  select $1::text, $2::text, $3::text[], $4::text, $5::timestamptz, $7::bytea,
         case when $4 = 'open' then coalesce(max(position), 0) end,
         case when $4 = 'open' then $5::timestamptz end,
         case when $4 = 'open' then coalesce(max(position), 0) end
  from facts
  on conflict (id) do update
  set version = partners.version + 1,
      wanted = greatest(partners.wanted, 1),
      claimed_until = case when partners.running then partners.claimed_until else '-infinity' end,
      secret = case when excluded.state = 'open' then coalesce(excluded.secret, partners.secret) end,
      channels = excluded.channels, state = excluded.state, since = excluded.since,
      replayed = case when partners.state = excluded.state then partners.replayed else excluded.replayed end,
      replay_since = case when partners.state = excluded.state then partners.replay_since
                          else excluded.replay_since end,
      present = case when partners.state = excluded.state then partners.present else excluded.present end,
      replay_after = '-infinity', replay_failures = 0, replay_failure = null
  returning replayed
), gone as (
  delete from readers where partner_id = $1 and channel <> all($6::text[])
)
insert into readers (tenant, channel, partner_id)
select $2, channel, $1
from unnest($6::text[]) as one (channel)
where (select replayed is null from saved)
on conflict do nothing
"""


async def save(tx: Tx, partner: Partner, secret: bytes | None = None) -> None:
    """Keep a partner; Kafka is to be given what it may do, with this password (sealed) or the one it has.

    One that is opened is sent what is kept from now on as soon as it has topics.
    """
    reads = list(partner.channels) if partner.state is State.OPEN else []
    facts = partner.id, partner.tenant, partner.channels, partner.state.value, partner.since
    await tx.execute(SAVE, *facts, reads, secret)


BEGIN_REPLAY = """
with begun as (
  update partners
  set replayed = 0,
      replay_since = least(replay_since, $2),
      replay_after = '-infinity',
      present = coalesce(present, (select coalesce(max(position), 0) from facts))
  where id = $1
)
delete from readers
where partner_id = $1
"""


async def begin_replay(tx: Tx, id_: str, since: datetime) -> None:
    """Send a partner the past since a moment again, and nothing at once until that has come to the present.

    One that is sent the past already is sent the longer of both, from its beginning.
    """
    await tx.execute(BEGIN_REPLAY, id_, since)


TENANT_BEHIND = """
select tenant
from partners
where replayed is not null
  and applied > 0
  and replay_after < clock_timestamp()
order by replayed
limit 1
"""


async def tenant_behind(tx: Tx) -> str | None:
    """Return the tenant of the partner that is farthest behind, of those that have topics and are not put aside."""
    return await tx.value(TENANT_BEHIND)


BEHIND = f"""
{COLUMNS}
where tenant = $1
  and replayed is not null
  and applied > 0
  and replay_after < clock_timestamp()
order by replayed
limit 1
"""


async def behind(tx: Tx, tenant: str) -> Partner | None:
    """Return the partner of a tenant that is farthest behind."""
    row = await tx.row(BEHIND, tenant)
    return None if row is None else _partner(row)


REACH = """
update partners
set replayed = $2, replay_failures = 0, replay_failure = null
where id = $1
"""


async def reach(tx: Tx, id_: str, position: int) -> None:
    """Keep how far a partner has been sent the past."""
    await tx.execute(REACH, id_, position)


FALL_BACK = """
update partners
set replay_after = clock_timestamp() + make_interval(secs => least(2.0 ^ least(replay_failures, 20), $3)),
    replay_failures = replay_failures + 1,
    replay_failure = $2
where id = $1
"""


async def fall_back(tx: Tx, id_: str, reason: str, most_seconds: float) -> None:
    """Let a partner that could not be sent the past wait, twice as long each time, with the reason."""
    await tx.execute(FALL_BACK, id_, reason, most_seconds)


ARRIVE = """
with arrived as (
  update partners
  set replayed = null, replay_since = null, present = null, replay_failures = 0, replay_failure = null
  where id = $1
  returning id, tenant, channels
)
insert into readers (tenant, channel, partner_id)
select tenant, unnest(channels), id
from arrived
"""


async def arrive(tx: Tx, id_: str) -> None:
    """Send a partner at once what it may see, for it has been sent the past."""
    await tx.execute(ARRIVE, id_)


def _partner(row: Any) -> Partner:
    facts: dict[str, Any] = {**row, "state": State(row["state"]), "channels": tuple(row["channels"])}
    return Partner(**facts)
