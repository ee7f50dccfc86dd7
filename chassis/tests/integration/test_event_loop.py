"""The event loop is never kept for long: not by a big batch, not by a full outbox."""

import contextlib
import gc
import resource
import time
from asyncio import events
from collections.abc import AsyncGenerator, Generator
from uuid import uuid4

import pytest
from chassis_testing import Harness
from chassis_testing.stack import Infrastructure
from probe.around import replica, site
from probe.batch import database_of
from probe.invariants import at_rest
from probe.seen import held_up
from probe.sending import large, some

LONGEST_BLOCK = 0.1


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def test_a_batch_of_large_events_does_not_block_the_loop(home: Harness):
    host, gate = uuid4(), uuid4()
    many = [large(host, number, 20_000) for number in range(1, 301)]
    async with replica(home):
        async with held_up(home, host, gate):
            await home.publish(*many)
        with watched_loop() as blocks:
            await at_rest(home, {host: [gate, *(event.meeting for event in many)]}, 60)
    assert not blocks


async def test_a_full_outbox_does_not_block_the_loop(home: Harness):
    hosts = [uuid4() for _ in range(100)]
    database = database_of(home)
    await database.open()
    async with replica(home):
        async with database.begin() as tx:
            tx.publish(*(event for host in hosts for event in some(host, 30)))
        with watched_loop() as blocks:
            await at_rest(home, {host: [event.meeting for event in some(host, 30)] for host in hosts}, 60)
    await database.close()
    assert not blocks


@contextlib.contextmanager
def watched_loop() -> Generator[list[tuple[float, str]]]:
    """Collect the steps that blocked the event loop: by working, or by waiting without giving way."""
    blocks: list[tuple[float, str]] = []
    run = events.Handle._run  # pyright: ignore[reportPrivateUsage] -- asyncio offers no other place to measure

    def measured(self: events.Handle) -> None:
        waits = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
        wall, worked = time.perf_counter(), time.thread_time()
        run(self)
        wall, worked = time.perf_counter() - wall, time.thread_time() - worked
        waited = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw > waits
        # a busy machine takes the processor away: that is not ours
        took = wall if waited else worked
        if took > LONGEST_BLOCK:
            blocks.append((took, repr(self)))

    # as a service does once it serves: what the start made (here, all of pytest) is not looked through again and again
    gc.collect()
    gc.freeze()
    events.Handle._run = measured  # pyright: ignore[reportPrivateUsage] -- as above
    try:
        yield blocks
    finally:
        events.Handle._run = run  # pyright: ignore[reportPrivateUsage] -- as above
        gc.unfreeze()
