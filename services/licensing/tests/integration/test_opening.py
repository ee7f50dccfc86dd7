"""Customers read their own keys once more; nobody else does."""

from typing import Any
from uuid import uuid4

from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, Sale, serials


async def opened(counter: Counter, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    async with counter.home.http.post(path, headers=headers) as answer:
        return answer.status, await answer.json()


async def bought(counter: Counter, sku: str, units: int = 1, **changes: Any) -> tuple[Sale, list[str]]:
    """A sale whose keys are issued, and the path at which each unit's key is opened."""
    sale = counter.sale(sku, units, **changes)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    _, seen = await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale))
    return sale, [f"/orders/{sale.order}/licenses/{row['license']}/opening" for row in seen["items"]]


async def test_a_customer_reads_a_key_as_the_letter_had_it(counter: Counter):  # M25
    (serial,) = serials("OPENED", 1)
    await counter.fill("OPENED", serial)
    sale, (path,) = await bought(counter, "OPENED")
    status, answer = await opened(counter, path, counter.customer(sale))
    assert (status, answer["license_key"]) == (200, serial)
    assert answer["license"] in path


async def test_units_that_share_a_key_read_the_same(counter: Counter):
    sale, paths = await bought(counter, "SHARED", 2, key_source=KeySource.GENERATED, keys_per=KeysPer.PURCHASE)
    assert len(set(paths)) == 1
    status, answer = await opened(counter, paths[0], counter.customer(sale))
    assert (status, {answer["license_key"]}) == (200, set((await counter.texts(sale)).values()))


async def test_nobody_else_opens_a_key(counter: Counter):
    sale, (path,) = await bought(counter, "MINE", key_source=KeySource.GENERATED)
    other, (foreign,) = await bought(counter, "MINE", key_source=KeySource.GENERATED)
    for asked in (path, f"/orders/{other.order}/licenses/{path.split('/')[4]}/opening"):
        assert (await opened(counter, asked, counter.customer(other)))[0] == 404
    elsewhere = counter.home.bearer(counter.home.accounts.token(sale.customer, "customer", tenant="nordlicht"))
    assert (await opened(counter, path, elsewhere))[0] == 404
    unknown = f"/orders/{sale.order}/licenses/{uuid4()}/opening"
    assert (await opened(counter, unknown, counter.customer(sale)))[0] == 404
    for role in ("sales", "support", "reviewer", "files", "bookkeeping", "service"):
        assert (await opened(counter, path, counter.staff(role)))[0] == 403
    assert (await opened(counter, path, {}))[0] == 401
    assert (await opened(counter, foreign, counter.customer(other)))[0] == 200


async def test_a_key_that_was_taken_back_is_not_shown(counter: Counter):
    sale, (path,) = await bought(counter, "BACK", key_source=KeySource.GENERATED)
    await counter.home.publish(sale.refunded())
    await counter.quiet()
    status, problem = await opened(counter, path, counter.customer(sale))
    assert (status, problem["type"]) == (410, "/problems/license-ended")


async def test_a_key_of_somebody_erased_is_read_by_nobody(counter: Counter):
    sale, (path,) = await bought(counter, "GONE", key_source=KeySource.GENERATED)
    counter.home.accounts.erased.add(sale.contact.key)
    status, problem = await opened(counter, path, counter.customer(sale))
    assert (status, problem["type"]) == (410, "/problems/license-erased")
