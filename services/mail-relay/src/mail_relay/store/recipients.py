"""Who is written to, and how a conversation stands when a message is kept: each is one read."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from chassis.db import Read, Tx
from contracts.event import SubjectKey

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.limits import Counts
from mail_relay.domain.policy.policy import Policy
from mail_relay.store import conversations, policies
from mail_relay.store.mailboxes import MISSED


@dataclass(frozen=True, slots=True)
class Addressee:
    """A conversation to whose desk, or other side, `writer` writes by an alias; one that is `off` takes nothing.

    `counts` are of the writer, `missed` is how many messages to the other side came back. `reached` is the seller's
    address, `writers` are those who may write for it as well. The buyer who has `opted_out` has not written since.
    """

    conversation: Conversation
    writer: Side
    desk: bool
    off: bool
    policy: Policy
    counts: Counts
    missed: int
    reached: str | None
    writers: tuple[str, ...]
    opted_out: bool


COUNTED = """
select count(*) filter (where m.side = {side} and m.received_at > {now} - interval '1 minute') as of_side,
       -- at the desk the other side's do not count: who is silent there loses
       count(*) filter (where m.side = {side} or not {desk}) as of_all
from messages m
where m.tenant = c.tenant
  and m.conversation_id = c.id
  and m.received_at > {now} - interval '1 hour'
"""
BEHIND = f"""
{conversations.SELECTED}, a.desk, writer.side as writer, counted.of_side, counted.of_all, s.email as reached,
       coalesce(a.closed_at, a.switched_off_at) is not null as off,
       (
         select document::text
         from policies p
         where p.tenant = c.tenant
           and p.valid_from <= $2
         order by p.valid_from desc, p.version desc
         limit 1
       ) as policy,
       ({MISSED.format(side="a.side")}) as missed,
       array(select address from writers w where w.tenant = c.tenant and w.seller = c.seller order by w.id) as writers,
       -- what the buyer has written since then asks for an answer
       exists (
         select
         from optouts o
         where o.tenant = c.tenant
           and o.customer_id = c.customer_id
           and o.seller = c.seller
           and not exists (
             select
             from messages m
             where m.tenant = c.tenant
               and m.conversation_id = c.id
               and m.side = 'buyer'
               and m.state not in ('filed', 'held', 'blocked')
               and m.received_at > o.opted_out_at
           )
       ) as opted_out
from aliases a
join conversations c on c.tenant = a.tenant and c.id = a.conversation_id
cross join lateral (
  select case when a.desk then a.side when a.side = 'buyer' then 'seller' else 'buyer' end as side
) as writer
cross join lateral ({COUNTED.format(side="writer.side", desk="a.desk", now="$2::timestamptz")}) as counted
left join sellers s on s.tenant = c.tenant and s.seller = c.seller
where a.local_part = $1
"""  # noqa: S608 -- made of statements alone


async def behind(read: Read, local_part: str) -> Addressee | None:
    """Return what an alias stands for."""
    row = await read.row(BEHIND, local_part, read.now)
    if row is None:
        return None
    return Addressee(
        conversation=conversations.of_row(row),
        writer=Side(row["writer"]),
        desk=row["desk"],
        off=row["off"],
        policy=policies.of_document(row["policy"]),
        counts=Counts(row["of_side"], row["of_all"]),
        missed=row["missed"],
        reached=row["reached"],
        writers=tuple(row["writers"]),
        opted_out=row["opted_out"],
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What is counted of a conversation and of a side that writes in it, and whether its message is `known` already.

    `missed` is how many messages to that side came back, `records` the seller's key of the year. A question of the
    buyer is `asked` and not answered yet; with `changed` a version of the policy begins after the first word.
    """

    counts: Counts
    missed: int
    records: SubjectKey | None
    asked: bool
    changed: bool
    known: bool


STANDING = f"""
select counted.of_side, counted.of_all, k.key_id, k.public_key,
       ({MISSED.format(side="w.side")}) as missed,
       exists (select from questions q where q.tenant = c.tenant and q.conversation_id = c.id) as asked,
       exists (select from policies p where p.tenant = c.tenant and p.valid_from > c.opened_at) as changed,
       exists (
         select from messages m where m.tenant = c.tenant and m.conversation_id = c.id and m.fingerprint = w.fingerprint
       ) as known
from unnest($1::text[], $2::uuid[], $3::text[], $4::bytea[], $5::boolean[]) with ordinality
  as w (tenant, id, side, fingerprint, desk, position)
join conversations c on c.tenant = w.tenant and c.id = w.id
cross join lateral ({COUNTED.format(side="w.side", desk="w.desk", now="$6::timestamptz")}) as counted
left join records_keys k on k.tenant = c.tenant and k.seller = c.seller and k.year = $7
order by w.position
"""  # noqa: S608 -- made of statements alone


@dataclass(frozen=True, slots=True)
class Writing:
    """That a side writes a message to the other one or to its desk; by `fingerprint` it is known where it was kept."""

    to: Conversation
    side: Side
    fingerprint: bytes | None
    desk: bool


async def standings(tx: Tx, written: Sequence[Writing]) -> list[Standing]:
    """Return how each conversation stands, which is locked, for the side that writes."""
    columns = zip(*((one.to.tenant, one.to.id, one.side, one.fingerprint, one.desk) for one in written), strict=True)
    rows = await tx.fetch(STANDING, *map(list, columns), tx.now, tx.now.year)
    return [_standing(row) for row in rows]


def _standing(row: asyncpg.Record) -> Standing:
    records = SubjectKey(key=row["key_id"], public=row["public_key"]) if row["key_id"] else None
    counts = Counts(row["of_side"], row["of_all"])
    return Standing(counts, row["missed"], records, asked=row["asked"], changed=row["changed"], known=row["known"])
