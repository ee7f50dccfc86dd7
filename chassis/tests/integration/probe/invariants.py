"""What holds after every fault: nothing lost, effects once, first occurrences in order under each key."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.shared import ErasureConfirmed
from contracts.wire import Attributes

from probe.around import records_of
from probe.seen import effects

UNFINISHED = """
select (select count(*) from chassis.outbox where refused is null)
  + (select count(*) from chassis.parked where state = 'waiting')
"""


def firsts(records: Sequence[Any]) -> list[Any]:
    """Return the records without repetitions: a repetition has the id of the first."""
    found: dict[UUID, Any] = {}
    for record in records:
        found.setdefault(Attributes.parse(record.headers).id, record)
    return list(found.values())


async def confirmed(home: Harness) -> dict[UUID, list[UUID]]:
    """Return the meetings that the probe confirmed in Kafka, by host, each by its first occurrence."""
    records = await records_of(home.infrastructure.kafka, f"{home.prefix}ErasureConfirmed")
    published = [ErasureConfirmed.model_validate_json(record.value) for record in firsts(records)]
    return {
        host: [event.key for event in published if event.customer == host] for host in {e.customer for e in published}
    }


async def at_rest(home: Harness, expected: Mapping[UUID, Sequence[UUID]], seconds: float = 40) -> None:
    """Wait until every expected effect is there and nothing waits; what is parked falls due at once."""

    async def done() -> bool:
        home.shift_clock(600)
        for host, meetings in expected.items():
            if len(await effects(home, host)) < len(meetings):
                return False
        return not (await home.sql(UNFINISHED))[0][0]

    await until(done, timeout=seconds, what="all effects")


async def whole(home: Harness, expected: Mapping[UUID, Sequence[UUID]], *, in_order: bool = True) -> None:
    """Check the invariants of what was consumed and what was published about it."""
    published = await confirmed(home)
    for host, meetings in expected.items():
        wanted = list(meetings) if in_order else sorted(meetings)
        for what, found in {"effects": await effects(home, host), "published": published.get(host, [])}.items():
            assert (found if in_order else sorted(found)) == wanted, f"{what} of {host}: {found}, wanted {wanted}"
    ids = await home.sql("select count(*), count(distinct (source, id)) from chassis.inbox")
    assert ids[0][0] == ids[0][1]
    assert not await home.sql("select 1 from chassis.outbox where refused is null")
