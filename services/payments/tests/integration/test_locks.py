"""An order is locked before its ledger is read: the lock alone keeps two from deciding about the same money."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import uuid4

import pytest
from chassis.config.clock import Clock
from chassis.db import Database
from payments.domain.orders import Order, Unit
from payments.store import ledgers, orders

from .house import TENANT, House, session_event, units


@pytest.fixture
async def database(house: House) -> AsyncGenerator[Database]:
    database = Database(house.harness.database_url, "payments", Clock())
    await database.open()
    yield database
    await database.close()


async def waits(task: asyncio.Task[object]) -> bool:
    return not (await asyncio.wait({task}, timeout=0.3))[0]


async def test_whoever_waited_for_a_lock_reads_what_was_written_meanwhile(house: House, database: Database):
    known = await house.placed(prices=(1000, 2000))

    async def covered() -> list[bool]:
        async with database.begin() as tx:
            await orders.lock(tx, TENANT, [known.order])
            ledger = await ledgers.load(tx, TENANT, known.order)
        assert ledger is not None
        return [unit.covered for unit in ledger.order.units]

    async with database.begin() as tx:
        await orders.lock(tx, TENANT, [known.order])
        ledger = await ledgers.load(tx, TENANT, known.order)
        assert ledger is not None
        other = asyncio.create_task(covered())
        assert await waits(other)
        await ledgers.save(tx, ledger.with_covered(units(known)[:1], uuid4()))
    assert await other == [True, False]


async def test_F_P07_an_order_is_not_taken_for_unknown_while_something_is_recorded_about_it(
    house: House, database: Database
):
    placed = house.order()
    owed = tuple(Unit(unit, 21900) for unit in units(placed))
    order = Order(
        tenant=TENANT,
        id=placed.order,
        number=placed.order_number,
        customer_id=placed.customer,
        channel=placed.channel,
        market=placed.market,
        seller_id=placed.seller,
        payment_method="card",
        currency="EUR",
        gross=21900,
        ordered_at=placed.ordered_at,
        pay_until=placed.pay_until,
        reference=None,
        requested_at=None,
        traceparent=None,
        cancelled_units=frozenset(),
        units=owed,
    )

    async def expect() -> Order | None:
        async with database.begin() as tx:
            return await orders.expect(tx, order, None)

    async with database.begin() as tx:
        await orders.lock(tx, TENANT, [placed.order])
        other = asyncio.create_task(expect())
        assert await waits(other)
    assert await other is None
    async with database.begin() as tx:
        assert await orders.find(tx, TENANT, placed.order) == order


async def test_a_payment_of_another_order_is_not_taken_for_one_of_this(house: House):
    one, other = await house.placed(), await house.placed()
    payment = uuid4()
    await house.webhook(session_event(one, payment))
    await house.published("PaymentCaptured", one)
    assert await house.webhook(session_event(other, payment)) == 200
    await house.harness.settled()
    assert house.so_far("PaymentCaptured", other) == []
    (row,) = await house.harness.sql("select order_id, captured_amount from payments where id = $1", payment)
    assert tuple(row) == (one.order, 21900)
