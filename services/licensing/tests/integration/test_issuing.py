"""Keys for paid and released units: each once, in order of payment, taken back with the money."""

import re
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed
from contracts.licensing import LicenseBackordered, LicenseIssued, LicenseRevoked, SerialStockLow
from contracts.shared import ErasureConfirmed, KeySource
from contracts.wire import encode, headers
from licensing.__main__ import service

from services.licensing.tests.integration.conftest import Counter, later, serials


async def test_each_paid_unit_gets_a_serial_of_its_own(counter: Counter):  # E10 E29
    stock = serials("E29", 5)
    assert (await counter.fill("E29", "\n".join(stock)))[0] == 201
    sale = counter.sale("E29", 3)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    texts = await counter.texts(sale)
    assert [texts[unit] for unit in sale.units] == stock[:3]
    (first, *_) = await counter.said(LicenseIssued, sale)
    assert (first.line, first.sku, first.order_number) == (sale.line, "E29", "K-2026-000001")
    assert [await counter.validate(texts[unit]) for unit in sale.units] == ["valid"] * 3
    assert await counter.validate(stock[3]) == "unknown"  # in stock, not sold


async def test_generated_keys_carry_the_prefix_and_validate(counter: Counter):  # LIC-4
    sale = counter.sale("WORKS", 2, key_source=KeySource.GENERATED, key_prefix="WORKS")
    await counter.home.publish(sale.paid())
    await counter.quiet()
    texts = await counter.texts(sale)
    assert len(set(texts.values())) == 2
    for text in texts.values():
        assert re.fullmatch(r"WORKS(-[0-9A-Z]{6}){4}", text)
        assert await counter.validate(text, sku="WORKS", tenant="kontor") == "valid"
        assert await counter.validate(text.lower().replace("-", " ").replace("0", "o")) == "valid"
        assert await counter.validate(text[:-1] + ("2" if text[-1] != "2" else "3")) == "mistyped"


async def test_F_L01_F_L02_a_payment_heard_three_times_issues_the_same_key_once(counter: Counter):
    await counter.fill("F-L01", "\n".join(serials("FL01", 5)))
    sale = counter.sale("F-L01")
    again = uuid4()
    await counter.home.publish(sale.paid(), event_id=again)
    await counter.home.publish(sale.paid(), event_id=again)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert len(await counter.said(LicenseIssued, sale)) == 1
    assert (await counter.stock("F-L01"))["available"] == 4


async def test_an_order_paid_in_parts_gets_its_keys_in_parts(counter: Counter):
    sale = counter.sale("PARTS", 3, key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid(units=sale.units[:1]))
    await counter.quiet()
    assert set(await counter.texts(sale)) == set(sale.units[:1])
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert set(await counter.texts(sale)) == set(sale.units)


@pytest.mark.parametrize("point", ["consumer:handled", "sweep:issue keys:done"])
async def test_F_L03_a_crash_before_the_commit_leaves_one_key(counter: Counter, point: str):
    sku = point.replace(":", "").replace(" ", "")
    await counter.fill(sku, "\n".join(serials(sku, 3)))
    crashes: list[str] = []

    def crash() -> None:
        if not crashes:
            crashes.append(point)
            raise OSError("killed")

    sale = counter.sale(sku)
    counter.home.fault.planned[point] = crash
    try:
        await counter.home.publish(sale.paid())
        await counter.quiet()
    finally:
        del counter.home.fault.planned[point]
    assert crashes
    assert len(await counter.said(LicenseIssued, sale)) == 1
    assert (await counter.stock(sku))["available"] == 2


async def test_a_line_waits_for_its_release_and_the_earlier_moment_wins(counter: Counter):  # ORD-7
    now = counter.home.clock.now()
    early, waiting = (counter.sale("WAITS", key_source=KeySource.GENERATED) for _ in range(2))
    await counter.home.publish(*(sale.paid(deliver_from=now + timedelta(days=15)) for sale in (early, waiting)))
    await counter.home.publish(early.released(now))
    await counter.quiet()
    assert await counter.states(early) == ["issued"]
    assert await counter.states(waiting) == ["waiting"]
    await counter.home.publish(waiting.released(now + timedelta(days=20)))
    await counter.home.settled()
    counter.home.shift_clock(16 * 86_400)
    await until(lambda: counter.texts(waiting), what="the sweep")


async def test_F_P15_an_empty_stock_backorders_and_a_refill_delivers_in_order_of_payment(counter: Counter):  # LIC-3 E29
    first, second, third = sales = [counter.sale("LIC-3", 2) for _ in range(3)]
    for sale, minutes in ((third, 9), (first, 1), (second, 5)):
        await counter.home.publish(sale.paid(later(minutes)))
    await counter.quiet()
    assert len(await counter.said(LicenseBackordered, *sales)) == 6
    assert (await counter.stock("LIC-3"))["backordered"] == 6
    assert {"sku": "LIC-3", "backordered": 6, "orders": 3} in await counter.backorders()
    assert await counter.backorders(tenant="elsewhere") == []
    await counter.home.publish(first.refunded(first.units[0]))  # whoever leaves the queue gets none
    await counter.home.settled()
    stock = serials("LIC3", 4)
    await counter.fill("LIC-3", "\n".join(stock))
    await counter.issued("LIC-3", 4)
    await counter.quiet()
    texts = await counter.texts(*sales)
    assert [texts.get(unit) for sale in sales for unit in sale.units] == [None, *stock, None]
    late = counter.sale("LIC-3")
    await counter.home.publish(late.paid(later(20)))
    await counter.quiet()
    assert await counter.states(late) == ["backordered"]
    await counter.fill("LIC-3", serials("MORE", 1)[0])
    await counter.issued("LIC-3", 5)
    await counter.quiet()
    assert third.units[1] in await counter.texts(third)
    assert await counter.texts(late) == {}
    assert len(await counter.said(LicenseBackordered, *sales, late)) == 7


async def test_F_L04_F_L05_a_refund_revokes_the_keys_of_its_units_at_once_and_only_those(counter: Counter):  # LIC-10
    stock = serials("LIC10", 4)
    await counter.fill("LIC-10", "\n".join(stock))
    sale = counter.sale("LIC-10", 3)
    await counter.home.publish(sale.paid())
    await counter.quiet()
    began = time.monotonic()
    await counter.home.publish(sale.refunded(sale.units[1]))
    await until(lambda: counter.said(LicenseRevoked, sale), what="the revocation")
    assert time.monotonic() - began < 3  # on a busy machine; some 20 ms otherwise
    (revoked,) = await counter.said(LicenseRevoked, sale)
    issued = {said.unit: said.license for said in await counter.said(LicenseIssued, sale)}
    assert (revoked.unit, revoked.license, revoked.reason) == (sale.units[1], issued[sale.units[1]], "refunded")
    texts = await counter.texts(sale)
    assert [await counter.validate(texts[unit]) for unit in sale.units] == ["valid", "revoked", "valid"]
    assert (await counter.stock("LIC-10"))["available"] == 1  # it does not return to stock
    await counter.home.publish(sale.refunded(sale.units[1]), sale.paid())  # F-L16: neither is repeated
    await counter.quiet()
    assert len(await counter.said(LicenseRevoked, sale)) == 1
    assert await counter.validate(texts[sale.units[1]]) == "revoked"


async def test_F_P09_F_L16_a_refund_heard_before_the_payment_leaves_no_key(counter: Counter):
    await counter.fill("BORN", "\n".join(serials("BORN", 3)))
    sale = counter.sale("BORN", 2)
    await counter.home.publish(sale.refunded(sale.units[0]))
    await counter.home.settled()
    await counter.home.publish(sale.paid())
    await counter.quiet()
    assert await counter.states(sale) == ["refunded", "issued"]
    assert set(await counter.texts(sale)) == {sale.units[1]}
    assert await counter.said(LicenseRevoked, sale) == []


async def test_low_stock_is_said_once_until_it_was_refilled(counter: Counter):  # LIC-1
    await counter.sells("LOW", low_stock=3)
    await counter.fill("LOW", "\n".join(serials("LOW", 6)))

    async def sell(units: int) -> list[int]:
        await counter.home.publish(counter.sale("LOW", units).paid())
        await counter.quiet()
        said = await counter.home.published(SerialStockLow, at_least=0)
        return [low.left for low in said if low.sku == "LOW"]

    assert await sell(2) == []
    assert await sell(1) == [3]
    assert await sell(1) == [3]
    assert await sell(4) == [3]
    await counter.fill("LOW", "\n".join(serials("LOW", 6)))
    assert (await counter.stock("LOW"))["low_stock"] == 3
    assert await sell(1) == [3, 3]


async def test_what_is_ordered_is_counted_until_it_is_paid_or_cancelled(counter: Counter):  # LIC-2
    await counter.fill("HELD", "\n".join(serials("HELD", 5)))
    paid, cancelled, open_ = (counter.sale("HELD", 2) for _ in range(3))
    await counter.home.publish(cancelled.cancelled())  # heard before the order itself
    await counter.home.publish(paid.placed(), cancelled.placed(), open_.placed())
    await counter.quiet()
    assert (await counter.stock("HELD"))["reserved"] == 4
    await counter.home.publish(paid.paid())
    await counter.quiet()
    stock = await counter.stock("HELD")
    assert (stock["reserved"], stock["available"], stock["issued"]) == (2, 3, 2)


async def test_lines_without_keys_are_none_of_its_business(counter: Counter):
    sale = counter.sale("NOKEY", key_source=KeySource.NONE)
    await counter.home.publish(sale.paid(), sale.placed())
    await counter.quiet()
    assert await counter.states(sale) == []


async def test_a_contact_key_that_seals_nothing_stops_no_other_order(counter: Counter):
    broken, sound = (counter.sale("BROKEN", key_source=KeySource.GENERATED) for _ in range(2))
    paid = broken.paid()
    contact = paid.keys.contact.model_copy(update={"public": b"AAA"})
    await counter.home.publish(paid.model_copy(update={"keys": paid.keys.model_copy(update={"contact": contact})}))
    await counter.home.publish(sound.paid())
    await counter.quiet()
    assert len(await counter.texts(sound)) == 1
    (dead,) = await counter.home.sql("select reason from chassis.parked where state = 'dead'")
    assert "ContactBroken" in dead["reason"]


async def test_history_from_before_the_installation_issues_nothing(service_home: ServiceHome, license_key_file: Path):
    since = later(60)
    async with service_home(service, license_key_file=license_key_file, effects_since=since) as home:
        counter = Counter(home, license_key_file)
        past, present = (counter.sale("PAST", key_source=KeySource.GENERATED) for _ in range(2))
        await home.publish(past.paid(), at=since - timedelta(minutes=1))
        await home.publish(present.paid(), at=since)
        await counter.quiet()
        assert await counter.states(past) == ["past"]
        assert await counter.states(present) == ["issued"]


async def test_a_key_is_issued_in_the_trace_of_its_order(counter: Counter):
    sale = counter.sale("TRACE", key_source=KeySource.GENERATED)
    paid, trace = sale.paid(), "0af7651916cd43dd8448eb211c80319c"
    story, parent = str(sale.order), f"00-{trace}-b7ad6b7169203331-01"
    number = counter.home.next_sequence()
    named = headers(paid, id=uuid4(), source="orders", time=later(0), sequence=number, traceparent=parent)
    await counter.home.publish_raw("OrderPaid", story.encode(), encode(paid), named)
    await until(lambda: counter.said(LicenseIssued, sale), what="the key")
    record = next(one for one in counter.home.log["LicenseIssued"] if one.key == story.encode())
    assert dict(record.headers)["traceparent"].decode().split("-")[1] == trace


async def test_F_L15_an_erasure_is_confirmed_and_no_issued_key_is_kept_in_clear(counter: Counter):  # ORD-2
    stock = serials("ERASE", 2)
    await counter.fill("ERASE", "\n".join(stock))
    sale, generated = counter.sale("ERASE"), counter.sale("ERASE-G", key_source=KeySource.GENERATED)
    await counter.home.publish(sale.paid(), generated.paid())
    await counter.quiet()
    texts = await counter.texts(sale, generated)
    destroyed = {**KeyDestroyed.EXAMPLE, "customer": str(sale.customer), "key": str(sale.contact.key)}
    await counter.home.publish(KeyDestroyed.model_validate(destroyed))
    confirmed = await counter.home.published(ErasureConfirmed)
    assert (confirmed[-1].key, confirmed[-1].service) == (sale.contact.key, "licensing")
    boxes = await counter.home.sql("select box from serials where sku = 'ERASE' and unit_id is not null")
    assert [row["box"] for row in boxes] == [None]
    everything = await _everything(counter)
    for text in [*stock, *texts.values()]:
        assert text not in everything
        assert text.replace("-", "") not in everything
        assert text.encode().hex() not in everything
    assert str(sale.order) in everything


async def _everything(counter: Counter) -> str:
    """Every row of every table, and every record on the log, as text."""
    tables = await counter.home.sql(
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('public', 'chassis')"
    )
    rows = [
        str(row["text"])
        for table in tables
        for row in await counter.home.sql(f"select t::text as text from {table['name']} t")
    ]
    records = [record.value.decode() for records in counter.home.log.values() for record in records]
    return "\n".join(rows + records)
