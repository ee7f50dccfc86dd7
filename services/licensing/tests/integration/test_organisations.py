"""Keys of what was bought for an organisation: its owners use them, its auditors see that they are there. ORD-14"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import until
from chassis_testing.members import Headers, acting, nobody
from contracts.shared import KeySource

from services.licensing.tests.integration.conftest import Counter, Sale


async def bought(counter: Counter, organisation: UUID | None) -> tuple[Sale, str, str]:
    """A sale for an organisation, and the paths of its keys and of its only key."""
    sale = counter.sale("ORGANISED", key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid().model_copy(update={"organisation": organisation}))
    await counter.quiet()
    path = f"/orders/{sale.order}/licenses"
    _, seen = await counter.get(path, counter.customer(sale))
    return sale, path, f"{path}/{seen['items'][0]['license']}/opening"


async def opened(counter: Counter, path: str, headers: Headers) -> int:
    async with counter.home.http.post(path, headers=headers) as answer:
        return answer.status


async def test_an_owner_sees_and_opens_what_others_have_bought(counter: Counter):
    organisation = uuid4()
    _, keys, key = await bought(counter, organisation)
    owner = acting(counter.home, uuid4(), organisation, "owner")
    status, seen = await counter.get(keys, owner)
    assert (status, seen["items"][0]["masked_key"][0]) == (200, "…")
    assert await opened(counter, key, owner) == 200


async def test_an_auditor_sees_that_there_is_a_key_and_does_not_read_it(counter: Counter):
    organisation = uuid4()
    _, keys, key = await bought(counter, organisation)
    auditor = acting(counter.home, uuid4(), organisation, "auditor")
    assert (await counter.get(keys, auditor))[0] == 200
    assert await opened(counter, key, auditor) == 404


async def test_nobody_else_sees_a_key_of_an_organisation(counter: Counter):
    organisation = uuid4()
    _, keys, key = await bought(counter, organisation)
    for one in nobody(counter.home, organisation):
        assert (await counter.get(keys, one))[0] == 404
        assert await opened(counter, key, one) == 404


async def test_what_a_member_has_bought_for_themself_stays_theirs(counter: Counter):
    sale, keys, key = await bought(counter, None)
    owner = acting(counter.home, uuid4(), uuid4(), "owner")
    assert ((await counter.get(keys, owner))[0], await opened(counter, key, owner)) == (404, 404)
    assert await opened(counter, key, acting(counter.home, sale.customer, uuid4(), "buyer")) == 200


async def test_whoever_has_bought_keeps_their_keys_after_leaving(counter: Counter):
    sale, keys, key = await bought(counter, uuid4())
    former = acting(counter.home, sale.customer, None)
    assert ((await counter.get(keys, former))[0], await opened(counter, key, former)) == (200, 200)


async def test_an_owner_who_was_removed_sees_nothing_after_ten_minutes(counter: Counter):
    organisation = uuid4()
    _, keys, key = await bought(counter, organisation)
    claims: Any = {"organisation": str(organisation), "role": "owner", "name": "Muster", "vat_id": None}
    lasts = timedelta(minutes=10)
    token = counter.home.accounts.token(uuid4(), "customer", lifetime=lasts, organisation=claims)
    headers = counter.home.bearer(token)
    assert (await counter.get(keys, headers))[0] == 200
    counter.home.shift_clock((lasts + timedelta(seconds=10)).total_seconds())

    async def over() -> bool:
        return (await counter.get(keys, headers))[0] == 401

    await until(over, what="the end of a token")
    assert await opened(counter, key, headers) == 401
