"""What is recorded of a batch at once, and the trace to which an e-mail belongs."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
import pytest
from chassis.config.provision import Provision
from chassis.consuming import Message
from chassis.db import Tx
from chassis_testing import Harness, Histories
from contracts.accounts import KeyDestroyed
from contracts.event import Event, type_of
from contracts.wire import Attributes
from letters.domain.order import Order
from letters.domain.sending import Lease, LettersPerHour, Outcome, Sender, Verdict
from letters.messaging import REACTIONS
from letters.store import orders
from letters.usecases import sending
from uuid_utils.compat import uuid7

from .sale import Sale
from .test_convergence import history

SENDER = Sender("shop@kontor.example")
TRACES = [f"00-{number:032x}-{number:016x}-01" for number in range(1, 9)]


def message(event: Event, sequence: int, traceparent: str | None = None) -> Message[Event]:
    """An event as it is consumed."""
    attributes = Attributes(
        id=uuid7(),
        source=event.DECLARED.published_by,
        type=type_of(event.DECLARED.topic),
        subject=event.aggregate,
        time=None,
        sequence=sequence,
        tenant=event.tenant,
        traceparent=traceparent,
    )
    return Message[Event](cast("Any", None), event.DECLARED.topic, attributes, event)


async def recorded(house: Harness, sale: Sale, now: datetime, batches: Sequence[Sequence[Message[Event]]]) -> Order:
    """The order after these batches, of which nothing remains in the database."""
    async with rolled_back(house) as connection:
        tx = Tx(connection, now)
        await record(tx, batches)
        (order,) = await orders.load(tx, [(sale.tenant, sale.order)])
        return order


async def record(tx: Tx, batches: Sequence[Sequence[Message[Event]]]) -> None:
    for batch in batches:
        for reaction, messages in REACTIONS.of(batch):
            await reaction.bound(Provision([SENDER])).apply(tx, messages, lambda: None)


@asynccontextmanager
async def rolled_back(house: Harness) -> AsyncGenerator[Any]:
    connection = await asyncpg.connect(house.database_url)
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()


def facts(order: Order) -> Order:
    """The order without what was concluded of it."""
    units = tuple(replace(unit, announced_in=None) for unit in order.units)
    repayments = tuple(replace(repayment, emailed_in=None) for repayment in order.repayments)
    cancelled = tuple(replace(unit, emailed_in=None) for unit in order.cancelled_units)
    return replace(order, units=units, repayments=repayments, cancelled_units=cancelled, emails=(), conclude_at=None)


@pytest.mark.histories(24)
async def test_F_M29_a_batch_with_each_event_twice_records_what_they_record_one_by_one(
    house: Harness, histories: Histories
):
    for seed in histories:
        with histories.naming(seed):
            sale, events = history(seed, house)
            messages = [message(event, n) for n, event in enumerate(events, 1) if not isinstance(event, KeyDestroyed)]
            now = house.clock.now()
            alone = await recorded(house, sale, now, [[one] for one in messages])
            twice = messages * 2
            random.Random(seed).shuffle(twice)
            assert facts(await recorded(house, sale, now, [twice])) == facts(alone)


async def test_an_email_belongs_to_the_trace_of_the_event_that_made_it_due(house: Harness):
    sale = Sale(house)
    events: list[Event] = [sale.placed(), sale.paid(), *sale.parts()]
    batches = [[message(event, 1, trace)] for event, trace in zip(events, TRACES, strict=False)]
    order = await recorded(house, sale, house.clock.now(), batches)
    (email,) = order.emails
    assert trace_of(email.traceparent) == trace_of(TRACES[len(events) - 1])
    assert trace_of(order.traceparent) == trace_of(TRACES[1])


async def test_what_is_published_of_letters_settled_together_belongs_to_the_trace_of_each(house: Harness):
    traces = {(sale := Sale(house)).order: (sale, trace) for trace in TRACES[:3]}
    async with rolled_back(house) as connection:
        for sale, trace in traces.values():
            events = [sale.placed(), sale.paid(), *sale.parts()]
            await record(Tx(connection, house.clock.now()), [[message(event, 1, trace)] for event in events])
        tx = Tx(connection, house.clock.now() + timedelta(hours=1))
        letters = await sending.claim(tx, 100, Lease(timedelta(minutes=1)), SENDER, LettersPerHour(9))
        outcomes = (Outcome(Verdict.ACCEPTED, 250), Outcome(Verdict.BOUNCED, 550), Outcome(Verdict.ACCEPTED, 250))
        mine = [letter for letter in letters if letter.order_id in traces]
        await sending.settle(tx, list(zip(mine, outcomes, strict=True)), SENDER)
        published = [(topic, order, trace) for _, topic, order, _, _, _, trace, *_ in tx.outgoing]
    assert {topic for topic, _, _ in published} == {"EmailSent", "EmailBounced"}
    assert {order: trace_of(trace) for _, order, trace in published} == {
        str(order): trace_of(trace) for order, (_, trace) in traces.items()
    }


def trace_of(traceparent: str | None) -> str:
    assert traceparent is not None
    return traceparent.split("-")[1]
