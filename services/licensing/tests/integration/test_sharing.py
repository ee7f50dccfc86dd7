"""One key for all units of a purchase: given once, joined later, ended with the last of them (LIC-4)."""

from datetime import timedelta
from uuid import UUID

import pytest
from contracts.licensing import LicenseBackordered, LicenseIssued, LicenseRevoked
from contracts.shared import KeySource, KeysPer
from licensing.usecases.issuing import BATCH

from services.licensing.tests.integration.conftest import Counter, Sale, later, serials

SOURCES = [KeySource.GENERATED, KeySource.IMPORTED]


async def shared(counter: Counter, sku: str, units: int, source: KeySource = KeySource.GENERATED) -> Sale:
    """A sale of units that share a key, and a stock of four where it needs one."""
    if source is KeySource.IMPORTED:
        await counter.fill(sku, "\n".join(serials(sku, 4)))
    return counter.sale(sku, units, key_source=source, keys_per=KeysPer.PURCHASE)


async def only_key(counter: Counter, sale: Sale) -> str:
    """The one key that every unit told of so far has."""
    (text,) = set((await counter.texts(sale)).values())
    return text


async def covered(counter: Counter, sale: Sale) -> list[set[UUID]]:
    """The units that each news of a key named, in their sequence."""
    return [set(issued.units) for issued in await counter.said(LicenseIssued, sale)]


@pytest.mark.parametrize("source", SOURCES)
async def test_all_units_of_a_purchase_get_one_key_once(counter: Counter, source: KeySource):  # LIC-4 E10
    sale = await shared(counter, f"ONE-{source}", 3, source)
    await counter.home.publish(sale.paid())
    await counter.home.publish(sale.paid())
    await counter.quiet()
    (issued,) = await counter.said(LicenseIssued, sale)
    assert (issued.unit, set(issued.units)) == (sale.units[0], set(sale.units))
    assert await counter.validate(await only_key(counter, sale), sku=sale.sku) == "valid"
    stock = await counter.stock(sale.sku)
    assert stock["issued"] == 1
    assert stock["available"] == (3 if source is KeySource.IMPORTED else 0)


async def test_two_lines_of_an_order_are_two_purchases(counter: Counter):  # LIC-4
    one, other = await shared(counter, "LINES", 2), await shared(counter, "LINES", 2)
    paid, more = one.paid(), other.paid().lines
    await counter.home.publish(paid.model_copy(update={"lines": [*paid.lines, *more]}))
    await counter.quiet()
    told = await counter.said(LicenseIssued, one)
    assert {(issued.line, frozenset(issued.units)) for issued in told} == {
        (one.line, frozenset(one.units)),
        (other.line, frozenset(other.units)),
    }
    assert len({issued.license for issued in told}) == 2


@pytest.mark.parametrize("source", SOURCES)
async def test_units_paid_later_join_the_key_they_share(counter: Counter, source: KeySource):  # LIC-4 E26
    sale = await shared(counter, f"JOIN-{source}", 3, source)
    first, *rest = sale.units
    for units in ([first], rest, [first]):
        await counter.home.publish(sale.paid(units=units))
        await counter.quiet()
    assert await covered(counter, sale) == [{first}, set(sale.units)]
    told = await counter.said(LicenseIssued, sale)
    assert {(issued.unit, issued.license, issued.issued_at) for issued in told} == {
        (first, told[0].license, told[0].issued_at)
    }
    assert await counter.validate(await only_key(counter, sale)) == "valid"
    assert (await counter.stock(sale.sku))["issued"] == 1
    assert await counter.states(sale) == ["issued"] * 3


async def test_a_refund_of_some_leaves_the_key_and_that_of_the_last_ends_it(counter: Counter):  # LIC-4 LIC-10
    sale = await shared(counter, "SOME", 3)
    first, second, third = sale.units
    await counter.home.publish(sale.paid())
    await counter.quiet()
    text = await only_key(counter, sale)
    for unit in (first, second):  # the first, in whose row the key stands, goes before the others
        await counter.home.publish(sale.refunded(unit))
        await counter.quiet()
        assert await counter.validate(text) == "valid"
    assert await counter.said(LicenseRevoked, sale) == []
    (_, view) = await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale))
    assert {(item["unit"], item["state"], item["revoked_at"]) for item in view["items"]} == {
        (str(first), "refunded", None),
        (str(second), "refunded", None),
        (str(third), "issued", None),
    }
    await counter.home.publish(sale.refunded(third), sale.refunded(*sale.units))
    await counter.quiet()
    assert await counter.validate(text) == "revoked"
    (revoked,) = await counter.said(LicenseRevoked, sale)
    (issued,) = await counter.said(LicenseIssued, sale)
    assert (revoked.license, revoked.unit, revoked.units) == (issued.license, first, issued.units)
    (_, view) = await counter.get(f"/orders/{sale.order}/licenses", counter.customer(sale))
    assert {(item["state"], item["revoked_at"] is None) for item in view["items"]} == {("revoked", False)}
    assert len({item["masked_key"] for item in view["items"]}) == 1


async def test_a_refund_at_once_of_all_units_says_once_that_the_key_ends(counter: Counter):  # LIC-10
    sale = await shared(counter, "ALL", 3)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    await counter.home.publish(sale.refunded())
    await counter.quiet()
    assert len(await counter.said(LicenseRevoked, sale)) == 1
    assert await counter.validate(await only_key(counter, sale)) == "revoked"


async def test_a_unit_joins_after_the_first_was_taken_back_while_another_holds_the_key(counter: Counter):
    sale = await shared(counter, "HOLD", 3)
    first, second, third = sale.units
    await counter.home.publish(sale.paid(units=[first, second]))
    await counter.quiet()
    await counter.home.publish(sale.refunded(first))
    await counter.home.publish(sale.paid(units=[third]))
    await counter.quiet()
    assert await covered(counter, sale) == [{first, second}, set(sale.units)]
    await counter.home.publish(sale.refunded(second))
    await counter.quiet()
    assert await counter.validate(await only_key(counter, sale)) == "valid"


async def test_a_key_that_ended_is_not_joined(counter: Counter):
    sale = await shared(counter, "OVER", 2)
    first, second = sale.units
    await counter.home.publish(sale.paid(units=[first]))
    await counter.quiet()
    await counter.home.publish(sale.refunded(first))
    await counter.quiet()
    await counter.home.publish(sale.paid(units=[second]))
    await counter.quiet()
    texts = await counter.texts(sale)
    assert [await counter.validate(texts[unit]) for unit in sale.units] == ["revoked", "valid"]


async def test_F_P09_a_unit_taken_back_before_it_was_paid_has_no_part_in_the_key(counter: Counter):
    sale = await shared(counter, "NEVER", 2)
    await counter.home.publish(sale.refunded(sale.units[0]))
    await counter.home.settled()
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert await covered(counter, sale) == [{sale.units[1]}]
    await counter.home.publish(sale.refunded(sale.units[1]))
    await counter.quiet()
    assert await counter.validate(await only_key(counter, sale)) == "revoked"


async def test_a_purchase_out_of_stock_is_told_of_each_unit_and_takes_one_serial_on_refill(counter: Counter):  # LIC-3
    sale, after = (counter.sale("REFILL", 3, keys_per=KeysPer.PURCHASE) for _ in range(2))
    first, *rest = sale.units
    await counter.home.publish(sale.paid(later(1), [first]))
    await counter.home.publish(after.paid(later(2)))
    await counter.quiet()
    await counter.home.publish(sale.paid(later(3), rest))  # its place in the queue is that of who has paid first
    await counter.quiet()
    told = await counter.said(LicenseBackordered, sale)
    assert {said.unit for said in told} == set(sale.units)
    assert (await counter.stock("REFILL"))["backordered"] == 2
    one, two = serials("REFILL", 2)
    for text, lucky in ((one, sale), (two, after)):
        await counter.fill("REFILL", text)
        await counter.issued("REFILL", 1 if lucky is sale else 2)
        await counter.quiet()
        assert await only_key(counter, lucky) == text
        assert await covered(counter, lucky) == [set(lucky.units)]
    assert (await counter.stock("REFILL"))["backordered"] == 0


async def test_a_purchase_of_more_units_than_a_turn_takes_has_one_key_at_once(counter: Counter):  # LIC-3
    sale = counter.sale("LARGE", BATCH + 30, keys_per=KeysPer.PURCHASE)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    await counter.fill("LARGE", serials("LARGE", 1)[0])
    await counter.issued("LARGE", 1)
    await counter.quiet()
    assert await counter.states(sale) == ["issued"] * (BATCH + 30)
    assert await covered(counter, sale) == [set(sale.units)]
    generated = await shared(counter, "LARGE-G", BATCH + 30)
    await counter.home.publish(generated.paid())
    await counter.quiet()
    assert await covered(counter, generated) == [set(generated.units)]


async def test_units_wait_together_for_their_release(counter: Counter):  # ORD-7
    sale = await shared(counter, "RELEASED", 2)
    ahead = counter.home.clock.now() + timedelta(days=900)
    for unit in sale.units:
        await counter.home.publish(sale.paid(units=[unit], deliver_from=ahead))
    await counter.quiet()
    assert await counter.states(sale) == ["waiting"] * 2
    await counter.home.publish(sale.released(counter.home.clock.now()))
    await counter.quiet()
    assert await covered(counter, sale) == [set(sale.units)]


async def test_a_purchase_that_shares_a_serial_reserves_one(counter: Counter):  # LIC-2
    sale = await shared(counter, "SPARE", 3, KeySource.IMPORTED)
    await counter.home.publish(sale.placed())
    await counter.quiet()
    assert (await counter.stock("SPARE"))["reserved"] == 1
    await counter.home.publish(sale.paid(units=sale.units[2:]))
    await counter.quiet()
    stock = await counter.stock("SPARE")
    assert (stock["reserved"], stock["issued"], stock["available"]) == (0, 1, 3)
