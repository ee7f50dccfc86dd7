"""No serial twice, whoever takes it and however many take at once."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast
from uuid import uuid4

import pytest
from chassis.consuming import Message
from chassis.db import Begin, Database, Tx
from chassis.lists import Options
from chassis_testing.harness import until
from contracts.event import Event
from contracts.licensing import LicenseBackordered
from contracts.shared import KeySource, KeysPer
from contracts.wire import Attributes
from licensing.store import orders, stocks
from licensing.usecases import recording
from licensing.usecases.importing import import_serials, seal_file
from licensing.usecases.issuing import BATCH, issue_keys
from licensing.usecases.vault import Vault

from services.licensing.tests.integration.conftest import Counter, Sale, later, serials

E = TypeVar("E", bound=Event)

LOCKED_OUT = """
select pid
from pg_stat_activity
where datname = current_database()
  and wait_event_type = 'Lock'
"""


async def test_F_P14_fifty_transactions_taking_at_once_get_fifty_serials(counter: Counter):  # LIC-2
    await counter.fill("RACE", "\n".join(serials("RACE", 60)))
    barrier = asyncio.Barrier(10)

    async def take(begin: Begin) -> list[bytes]:
        taken: list[bytes] = []
        for _ in range(5):
            async with begin() as tx:
                await barrier.wait()
                ((fingerprint, _),) = await stocks.take(tx, "kontor", "RACE", 1)
                await stocks.hand_out(tx, "kontor", [(fingerprint, uuid4())])
            taken.append(fingerprint)
        return taken

    async with _database(counter) as begin:
        taken = [serial for each in await asyncio.gather(*(take(begin) for _ in range(10))) for serial in each]
    assert len(set(taken)) == len(taken) == 50


async def test_a_refill_of_more_than_one_turn_keeps_the_order_of_payment(counter: Counter):  # LIC-3
    large, late = counter.sale("TURNS", BATCH + 30), counter.sale("TURNS")
    await counter.home.publish(large.paid(later(1)))
    await counter.home.publish(late.paid(later(5), deliver_from=counter.home.clock.now() + timedelta(days=400)))
    await counter.sells("TURNS")
    await counter.quiet()
    vault = Vault.from_file(counter.license_key_file)
    refill = seal_file("\n".join(serials("TURNS", BATCH + 20)).encode(), vault, Options())
    async with _database(counter) as begin, begin() as tx:  # refilled and released in the same moment
        await import_serials(tx, "kontor", "TURNS", refill, "test")
        await orders.release(tx, [release_row(late, tx)])
        await issue_keys(tx, vault)
    await counter.quiet()
    await counter.issued("TURNS", BATCH + 20)
    await counter.quiet()
    assert await counter.states(large) == ["issued"] * (BATCH + 20) + ["backordered"] * 10
    assert await counter.states(late) == ["backordered"]


@pytest.mark.parametrize("first", ["payment", "refund"])
async def test_F_P09_a_payment_and_a_refund_at_the_same_moment_leave_no_key(counter: Counter, first: str):
    sale = counter.sale("MEET", key_source=KeySource.GENERATED)
    reactions = [partial(recording.record_payments, messages=[consumed(sale.paid())]), partial(refund, sale=sale)]
    earlier, later_ = reactions if first == "payment" else reversed(reactions)

    async def second(begin: Begin) -> None:
        async with begin() as tx:
            await later_(tx)

    async with _database(counter) as begin:
        async with begin() as tx:
            await earlier(tx)
            waiting = asyncio.create_task(second(begin))
            await asyncio.wait([waiting], timeout=0.3)
            assert not waiting.done()
        await waiting
    await counter.quiet()
    assert await counter.states(sale) in (["refunded"], ["revoked"])


async def test_F_L02_many_orders_and_three_replicas_share_no_serial(counter: Counter):  # LIC-2
    await counter.fill("MANY", "\n".join(serials("MANY", 450)))
    sales = [counter.sale("MANY") for _ in range(500)]
    vault = Vault.from_file(counter.license_key_file)
    ended = asyncio.Event()

    async def other_replica(begin: Begin) -> None:
        while not ended.is_set():  # without the sweep's turn: rows alone keep the replicas apart
            async with begin() as tx:
                await issue_keys(tx, vault)

    async with _database(counter) as begin:
        replicas = [asyncio.create_task(other_replica(begin)) for _ in range(2)]
        await asyncio.gather(*(counter.home.publish(sale.paid()) for sale in sales))
        await counter.quiet()
        ended.set()
        await asyncio.gather(*replicas)
        await counter.quiet()
    texts = await counter.texts(*sales)
    assert len(set(texts.values())) == len(texts) == 450
    assert len(await counter.said(LicenseBackordered, *sales)) == 50
    assert (await counter.stock("MANY"))["available"] == 0


async def test_F_L02_replicas_give_one_key_to_a_purchase_paid_unit_by_unit(counter: Counter):  # LIC-4
    await counter.fill("PIECES", "\n".join(serials("PIECES", 20)))
    sources = [KeySource.IMPORTED, KeySource.GENERATED] * 10
    sales = [counter.sale("PIECES", 10, key_source=source, keys_per=KeysPer.PURCHASE) for source in sources]
    vault = Vault.from_file(counter.license_key_file)
    ended = asyncio.Event()

    async def other_replica(begin: Begin) -> None:
        while not ended.is_set():
            async with begin() as tx:
                await issue_keys(tx, vault)
            await asyncio.sleep(0.001)

    async with _database(counter) as begin:
        replicas = [asyncio.create_task(other_replica(begin)) for _ in range(3)]
        for number in range(10):
            await asyncio.gather(*(counter.home.publish(sale.paid(units=[sale.units[number]])) for sale in sales))
        await counter.quiet()
        ended.set()
        await asyncio.gather(*replicas)
        await counter.quiet()
    texts = await counter.texts(*sales)
    assert len(texts) == 200
    assert len(set(texts.values())) == 20
    assert (await counter.stock("PIECES"))["available"] == 10


@pytest.mark.parametrize("source", [KeySource.GENERATED, KeySource.IMPORTED])  # LIC-4
async def test_a_unit_paid_while_its_purchase_gets_its_key_waits_and_joins(
    counter: Counter, source: KeySource
):  # LIC-4
    sale = counter.sale(f"MEANWHILE-{source}", 2, key_source=source, keys_per=KeysPer.PURCHASE)
    first, second = sale.units
    ahead = counter.home.clock.now() + timedelta(days=400) if source is KeySource.GENERATED else None
    await counter.home.publish(sale.paid(units=[first], deliver_from=ahead))
    await counter.sells(sale.sku)
    await counter.quiet()
    vault = Vault.from_file(counter.license_key_file)
    refill = seal_file("\n".join(serials("MEANWHILE", 2)).encode(), vault, Options())

    async def pay(begin: Begin) -> None:
        async with begin() as tx:
            await recording.record_payments(tx, [consumed(sale.paid(units=[second]))])

    async with _database(counter) as begin:
        async with begin() as tx:
            if source is KeySource.GENERATED:
                await orders.release(tx, [release_row(sale, tx)])
            else:
                await import_serials(tx, "kontor", sale.sku, refill, "test")
            await issue_keys(tx, vault)
            paying = asyncio.create_task(pay(begin))

            async def ended_or_waits(paying: asyncio.Task[None] = paying) -> bool:
                return paying.done() or bool(await counter.home.sql(LOCKED_OUT))

            await until(ended_or_waits, what="the payment to wait for the key")
            assert not paying.done()
        await paying
    await counter.quiet()
    texts = await counter.texts(sale)
    assert set(texts) == set(sale.units)
    assert len(set(texts.values())) == 1


async def refund(tx: Tx, sale: Sale) -> None:
    """Let a refund take effect, as its batch would."""
    await recording.record_refunds(tx, [consumed(sale.refunded())])
    await recording.conclude(tx, {(sale.tenant, sale.order): None})


def release_row(sale: Sale, tx: Tx) -> dict[str, Any]:
    return {"tenant": sale.tenant, "order_id": sale.order, "line_id": sale.line, "release_at": tx.now}


def consumed(event: E) -> Message[E]:
    """An event as a batch has it."""
    topic = event.DECLARED.topic
    attributes = Attributes(uuid4(), "orders", topic, event.aggregate, None, 1, event.tenant, None)
    return Message(cast("Any", None), topic, attributes, event)


@asynccontextmanager
async def _database(counter: Counter) -> AsyncGenerator[Begin]:
    """Transactions beside those of the service, each on a connection of its own."""
    database = Database(counter.home.database_url, "licensing", counter.home.clock, connections=12, wait_seconds=20)
    await database.open()
    yield database.begin
    await database.close()
