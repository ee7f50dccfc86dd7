"""Whatever order events arrive in, and however often: the same is destroyed, and the same is known to be confirmed."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from accounts.domain.erasure import HOLDERS
from chassis_testing import Histories
from chassis_testing.harness import until
from contracts.accounts import CustomerErased, KeyDestroyed
from contracts.event import Event
from contracts.shared import ErasureConfirmed
from uuid_utils.compat import uuid7

from .conftest import House, Person


@dataclass
class History:
    """What happens to one customer, and what must come of it."""

    person: Person
    keys: dict[str, UUID]
    events: list[tuple[UUID, Event]] = field(default_factory=list[tuple[UUID, Event]])
    windows_closed: bool = False
    confirmed: bool = False


async def written(house: House, tenant: str, chance: random.Random) -> History:
    person = await house.register(tenant, keep_data=False)
    history = History(person, await house.keys_of(person))
    events: list[Event] = []
    windows: list[timedelta] = []
    for _ in range(chance.randint(1, 3)):
        order = uuid4()
        events.append(house.placed(person, order))
        for _ in range(chance.randint(1, 2)):
            windows.append(timedelta(days=chance.choice([-1, 0, 0, 40])))
            events.append(house.closed(person, order, windows[-1]))
    history.windows_closed = max(windows) <= timedelta()
    missing = chance.choice([None, *HOLDERS])
    for key in history.keys.values():
        events += [
            ErasureConfirmed(tenant=tenant, customer=person.id, key=key, service=service)
            for service in HOLDERS
            if service != missing
        ]
    history.confirmed = missing is None
    history.events = [(uuid7(), event) for event in events]
    history.events += chance.sample(history.events, k=len(history.events) // 2)
    history.events += [(uuid7(), event) for _, event in chance.sample(history.events, k=2)]
    chance.shuffle(history.events)
    return history


@pytest.mark.histories(30)
async def test_permuted_and_repeated_histories_end_alike(house: House, histories: Histories):
    tenant = await house.open_tenant()
    played = {seed: await written(house, tenant, random.Random(seed)) for seed in histories}
    for turn in range(max(len(history.events) for history in played.values())):
        now = [history.events[turn] for history in played.values() if turn < len(history.events)]
        await asyncio.gather(*(house.home.publish(event, event_id=event_id) for event_id, event in now))
    await house.home.settled()
    await house.shift(timedelta(minutes=11))
    expected = len(histories) + sum(history.windows_closed for history in played.values())

    async def destroyed() -> bool:
        return len([event for event in house.published(KeyDestroyed) if event.tenant == tenant]) >= expected

    await until(destroyed, what=f"{expected} keys to be destroyed")
    await house.shift(timedelta(minutes=2))
    token = await house.staff(tenant, "reviewer")
    items = (await house.ask("GET", "/erasures?limit=500", token=token))[1]["items"]
    reports = {UUID(item["customer"]): item for item in items}
    for seed, history in played.items():
        with histories.naming(seed):
            check(house, history, reports[history.person.id])


def check(house: House, history: History, erasure: dict[str, Any]) -> None:
    """Exactly what is due was destroyed, and it is known who has not confirmed it."""
    customer = history.person.id
    gone = {key["kind"] for key in erasure["keys"] if key["destroyed_at"]}
    assert gone == ({"profile", "contact"} if history.windows_closed else {"profile"})
    assert all((not key["missing"]) == history.confirmed for key in erasure["keys"])
    assert erasure["complete"] == (history.windows_closed and history.confirmed)
    published = sorted(event.kind.value for event in house.published(KeyDestroyed) if event.customer == customer)
    assert published == sorted(gone)
    assert len([event for event in house.published(CustomerErased) if event.customer == customer]) == 1
