"""A unit to which no key can be given holds up nobody else, and gets its key when it can."""

from chassis_testing.harness import until
from chassis_testing.refusing import refusing
from contracts.licensing import LicenseIssued
from contracts.shared import KeySource, KeysPer

from services.licensing.tests.integration.conftest import Counter, Sale, later, serials


async def given(counter: Counter, *sales: Sale) -> None:
    """Wait until all units of these sales have a key."""

    async def done() -> bool:
        return all([set(await counter.states(sale)) == {"issued"} for sale in sales])

    await until(done, what="keys for those that can get one")


async def test_the_first_in_the_queue_of_a_stock_holds_up_no_other(counter: Counter):
    sku, other = "BAD-ROW", "GOOD-STOCK"
    await counter.sells(sku)
    bad, good = counter.sale(sku), counter.sale(sku)
    await counter.home.publish(bad.paid(later(0)), good.paid(later(1)))
    await counter.quiet()
    assert (await counter.states(bad), await counter.states(good)) == (["backordered"], ["backordered"])
    stock = serials("BADROW", 3)
    async with refusing(counter.home, "serials", "unit_id", bad.units[0]):
        assert (await counter.fill(sku, "\n".join(stock)))[0] == 201
        await counter.fill(other, "\n".join(serials("GOODST", 1)))
        made = counter.sale("MADE", 2, key_source=KeySource.GENERATED, keys_per=KeysPer.PURCHASE)
        elsewhere, behind = counter.sale(other), counter.sale(sku)
        await counter.home.publish(made.paid(), elsewhere.paid(), behind.paid(later(2)))
        await given(counter, good, made, elsewhere, behind)
        assert await counter.states(bad) == ["backordered"]
    await counter.quiet()
    texts = await counter.texts(good, behind, made, elsewhere)
    assert [texts[good.units[0]], texts[behind.units[0]]] == stock[:2]
    assert len(await counter.said(LicenseIssued, made)) == 1
    assert (await counter.stock(sku))["available"] == 1
