"""Whatever order the topics arrive in, and however often, each line ends with the same link."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Histories
from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.delivery import DownloadGranted, DownloadRevoked
from contracts.event import Event
from contracts.shared import ErasureConfirmed
from contracts.wire import decode

from services.delivery.tests.integration.conftest import Depot, Sale

GRANTS = """
select order_id, revoked_at is not null as revoked, reason,
       (select array_agg(id order by id) from unnest(unit_ids) as id) as units
from grants
where order_id = any($1)
"""


@dataclass(frozen=True)
class History:
    """What happens to a line: paid by parts, perhaps released earlier, refunded, its customer erased, taken back."""

    seed: int
    sale: Sale
    events: list[Event]
    live: list[UUID]
    erased: bool
    taken_back: bool


def history(depot: Depot, seed: int) -> History:
    rng = random.Random(seed)
    sale = Sale(depot.home, f"SKU-{uuid4().hex[:8]}", units=3)
    sale.changes["deliver_from"] = rng.choice([None, depot.home.clock.now() + timedelta(days=9)])
    events: list[Event] = [sale.paid(*sale.unit_ids[:2]), sale.paid(sale.unit_ids[2])]
    if sale.changes["deliver_from"]:
        events.append(sale.released(depot.home.clock.now()))
    refunded = rng.sample(sale.unit_ids, rng.randint(0, 3))
    events += [sale.refunded(unit) for unit in refunded]
    erased = rng.random() < 0.3
    if erased:
        head = {"tenant": sale.tenant, "customer": sale.customer, "key": sale.profile.key}
        facts = {**KeyDestroyed.EXAMPLE, **head, "kind": KeyKind.PROFILE}
        events.append(KeyDestroyed.model_validate(facts))
    live = sorted(set(sale.unit_ids) - set(refunded))
    return History(seed, sale, events, live, erased, bool(live) and rng.random() < 0.3)


Step = tuple[Event, UUID] | str


def disordered(one: History) -> list[Step]:
    """Everything in an order of this history's own, some of it again; the file, by its SKU, comes where it falls."""
    rng = random.Random(f"{one.seed} told")
    published = [(event, uuid4()) for event in one.events]
    published += [*rng.choices(published, k=2), *((event, uuid4()) for event, _ in rng.choices(published[:2], k=1))]
    steps: list[Step] = [*published, one.sale.sku]
    rng.shuffle(steps)
    return steps


async def do(depot: Depot, step: Step) -> None:
    if isinstance(step, str):
        await depot.upload(step, b"x")
    else:
        await depot.home.publish(step[0], event_id=step[1])


async def ended(depot: Depot, played: list[History]) -> dict[UUID, list[tuple[object, ...]]]:
    """The links of each order."""
    found: dict[UUID, list[tuple[object, ...]]] = {one.sale.order: [] for one in played}
    for row in await depot.home.sql(GRANTS, list(found)):
        found[row["order_id"]].append((row["revoked"], row["reason"], row["units"]))
    return found


@pytest.mark.histories(30)
async def test_F_P09_F_D04_whatever_order_the_topics_arrive_in_and_however_often_the_end_is_the_same(  # DEL-2 DEL-12
    depot: Depot, histories: Histories
):
    played = [history(depot, seed) for seed in histories]
    await histories.play({one.seed: disordered(one) for one in played}, partial(do, depot), depot.home.settled)

    async def all_live() -> bool:
        found = await ended(depot, played)
        return all(found[one.sale.order] == [(False, None, one.live)] for one in played if one.live)

    try:
        await until(all_live, timeout=15, what="the links of all live units")
    except AssertionError:
        await check(depot, histories, played)  # which names the history
        raise
    await check(depot, histories, played)
    await take_back(depot, histories, played)


async def check(depot: Depot, histories: Histories, played: list[History]) -> None:
    """Live units have one link that works, others none; each erasure is confirmed once."""
    found = await ended(depot, played)
    confirmed = Counter(one.key for one in published_of(depot, ErasureConfirmed))
    for one in played:
        with histories.naming(one.seed):
            published = await one.sale.published(DownloadGranted)
            if one.live:
                assert found[one.sale.order] == [(False, None, one.live)]
                assert set(published[-1].units) >= set(one.live)
                assert (await depot.get(f"/d/{one.sale.token(published[-1])}"))[0] == 200
                assert len({one.sale.token(grant) for grant in published}) == 1
            else:
                assert [grant[:2] for grant in found[one.sale.order]] in ([], [(True, "refunded")])
            assert confirmed[one.sale.profile.key] == one.erased


async def take_back(depot: Depot, histories: Histories, played: list[History]) -> None:
    """What staff takes back stays so when everything is published once more."""
    chosen = [one for one in played if one.taken_back]
    for one in chosen:
        grant = (await one.sale.published(DownloadGranted))[-1].grant
        assert (await depot.send("POST", f"/grants/{grant}/revocation", depot.staff("sales")))[0] == 200
        await depot.home.publish(*(event for event in one.events if not isinstance(event, KeyDestroyed)))
    await depot.home.settled()
    found = await ended(depot, chosen)
    for one in chosen:
        with histories.naming(one.seed):
            assert [grant[:2] for grant in found[one.sale.order]] == [(True, "staff")]
            # a link whose first units were refunded before the others were paid had been taken back and given again
            reasons = [revoked.reason for revoked in await one.sale.published(DownloadRevoked)]
            assert (reasons[-1], reasons.count(reasons[-1])) == ("staff", 1)


def published_of(depot: Depot, event: type[Event]) -> list[Any]:
    """What the service has published of a kind."""
    topic = event.DECLARED.topic
    return [decode(topic, record.value) for record in depot.home.log.get(topic, [])]
