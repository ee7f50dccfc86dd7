"""Whatever order the topics arrive in, however often, and whenever a host enrols: the ledger ends the same (I5)."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Histories
from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.event import Event
from contracts.shared import ErasureConfirmed, MeetingLogged, MeetingStatus

from services.rewards.tests.integration.conftest import HOUR, Person, Stage

TENANTS = ("enrolled-first", "enrolled-between", "enrolled-last")
RULES = """\
rules:
  - rule: held-meeting
    kind: frequency
    valid_from: 2026-01-01T00:00:00Z
    points: 100
    minimum_minutes: 15
    minimum_participants: 2
    points_a_day: 150
    points_a_month: 600
  - rule: hours
    kind: duration
    valid_from: 2026-01-01T00:00:00Z
    points: 30
    minimum_minutes: 30
    minimum_participants: 3
    points_a_day: 80
"""
STANDING = """
select customers.id, lots.meeting_id, lots.rule_id, lots.rule_version, lots.earned
from lots join customers using (tenant, member_id)
where lots.tenant = $1
  and customers.id = any($2::uuid[])
  and lots.reversed_at is null
order by 1, 2, 3
"""
VERDICTS = """
select id, host_id, source, verdict
from meetings
where tenant = $1
  and host_id = any($2::uuid[])
order by id
"""
BALANCES = """
select id,
       (select coalesce(sum(points), 0) from postings where tenant = $1 and member_id = customers.member_id)::bigint,
       (select coalesce(sum(remaining), 0) from lots where tenant = $1 and member_id = customers.member_id)::bigint,
       (select coalesce(sum(entries.points), 0)
        from entries join lots on lots.tenant = entries.tenant and lots.id = entries.lot_id
        where entries.tenant = $1 and member_id = customers.member_id)::bigint
from customers
where tenant = $1
  and id = any($2::uuid[])
order by id
"""


class History:
    """Two hosts, reports of their meetings, and keys that are destroyed; ids and times are the same everywhere."""

    def __init__(self, seed: int, stage: Stage, start: datetime) -> None:
        self.rng = rng = random.Random(seed)
        self.hosts = [UUID(int=rng.getrandbits(128)) for _ in range(2)]
        self.claims = [stage.home.accounts.person_claims() for _ in self.hosts]
        self.erased = rng.random() < 0.3
        self.start = start
        self.logged: list[MeetingLogged] = []
        for number in range(6):
            meeting, began = UUID(int=rng.getrandbits(128)), timedelta(hours=4 * number + rng.random())
            for source in rng.sample(["a", "b"], rng.choice([1, 1, 2])):
                for revision in range(1, rng.randint(2, 4)):
                    self.logged += [
                        self._logged(meeting, source, revision, began) for _ in range(rng.choice([1, 1, 2]))
                    ]

    def _logged(self, meeting: UUID, source: str, revision: int, began: timedelta) -> MeetingLogged:
        rng = self.rng
        at = self.start + began + timedelta(minutes=rng.choice([0, 0, 30, 600]))
        return MeetingLogged(
            tenant="",
            meeting=meeting,
            source=source,
            revision=revision,
            host=rng.choices(self.hosts, [4, 1])[0],
            status=rng.choices(list(MeetingStatus), [6, 1, 1])[0],
            started_at=at if rng.random() > 0.1 else at - timedelta(days=40),
            ended_at=at + timedelta(minutes=rng.choice([10, 20, 45, 100])),
            participants=rng.choice([1, 2, 5, 9]),
        )

    def events(self, tenant: str) -> list[Event]:
        """The history in a tenant, in order."""
        events: list[Event] = [one.model_copy(update={"tenant": tenant}) for one in self.logged]
        for host, claims in zip(self.hosts, self.claims, strict=True):
            events.append(
                KeyDestroyed(
                    tenant=tenant,
                    customer=host,
                    key=claims["keys"]["contact"]["key"],
                    kind=KeyKind.CONTACT,
                    destroyed_at=self.start,
                )
            )
        if self.erased:
            erased_at = self.start + timedelta(hours=13)
            events.append(
                CustomerErased(tenant=tenant, customer=self.hosts[0], erased_at=erased_at, expected=["rewards"])
            )
        return events

    async def play(self, stage: Stage, tenant: str) -> None:
        """Publish everything in an order of this tenant's own, some of it twice, with the enrolment where it falls."""
        rng = random.Random(f"{self.hosts[0]} {tenant}")
        events = self.events(tenant)
        events += rng.sample(events, len(events) // 2)
        if tenant != TENANTS[0]:
            rng.shuffle(events)
        # who is erased can no longer enrol: that order is not free
        moment = 0 if self.erased or tenant == TENANTS[0] else len(events)
        moment = moment // 2 if tenant == TENANTS[1] else moment
        for position, event in enumerate([*events, None]):
            if position == moment:
                for host, claims in zip(self.hosts, self.claims, strict=True):
                    await Person(stage, claims, host, tenant).enrol()
            if event is not None:
                at = event.ended_at if isinstance(event, MeetingLogged) else None
                await stage.home.publish(event, source="elsewhere" if at else None, at=at)


@pytest.mark.histories(12)
async def test_F_R01_F_R03_every_order_of_a_history_ends_in_the_same_ledger(  # REW-2 REW-6 I5
    stage: Stage, histories: Histories, tmp_path: Path
):
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    for tenant in TENANTS:
        await stage.load(file, tenant)
    played = {seed: History(seed, stage, stage.home.clock.now() + 24 * HOUR) for seed in histories}
    turns = asyncio.Semaphore(6)

    async def play(seed: int, tenant: str) -> None:
        async with turns:
            with histories.naming(seed):
                await played[seed].play(stage, tenant)

    await asyncio.gather(*(play(seed, tenant) for seed in histories for tenant in TENANTS))
    await stage.home.settled()
    keys: list[str] = []
    everything: list[tuple[Any, ...]] = []
    for seed, history in played.items():
        with histories.naming(seed):
            everything += await ended(stage, history)
            keys += [claims["keys"]["contact"]["key"] for claims in history.claims]
    if {0, 11} <= set(histories):  # these histories are such that something was at stake
        assert {"earned", "not-enrolled", "too-short", "too-few-participants"} <= {str(row[-1]) for row in everything}
        assert ("held-meeting", 50) in {(row[2], row[4]) for row in everything if len(row) == 5}
    confirmed = [one for one in await stage.home.published(ErasureConfirmed) if str(one.key) in keys]
    assert len(confirmed) == len(keys) * len(TENANTS)
    left = await stage.home.sql(
        "select 1 from customers where tenant = any($1) and contact_key_id is not null", TENANTS
    )
    assert not left


async def ended(stage: Stage, history: History) -> list[tuple[Any, ...]]:
    """What stands in the end, the same in each tenant; every balance is the sum of what stands."""
    outcomes: list[list[list[tuple[Any, ...]]]] = []
    for tenant in TENANTS:
        rows = [await stage.home.sql(query, tenant, history.hosts) for query in (STANDING, VERDICTS, BALANCES)]
        outcomes.append([[tuple(row) for row in each] for each in rows])
    assert outcomes[0] == outcomes[1] == outcomes[2]
    standing, verdicts, balances = outcomes[0]
    earned = Counter[UUID]()
    for host, _, _, _, points in standing:
        earned[host] += points
    assert {host: sums for host, *sums in balances} == {host: [earned[host]] * 3 for host in history.hosts}
    return [*standing, *verdicts]


async def test_F_R01_one_meeting_under_two_ids_earns_once_and_the_other_when_the_first_is_withdrawn(stage: Stage):
    member = await stage.member()
    logged = stage.meeting(member)
    again = logged.model_copy(update={"meeting": uuid4()})
    await stage.publish(logged, again)
    await stage.home.settled()
    assert await member.balance() == 100
    _, listed = await member.get("/members/me/meetings")
    assert sorted(one["verdict"] for one in listed["items"]) == ["duplicate", "earned"]
    await stage.publish(logged.model_copy(update={"revision": 2, "status": MeetingStatus.WITHDRAWN}))
    await stage.home.settled()
    assert await member.balance() == 100
