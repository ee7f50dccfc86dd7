"""Statements whose outcome nobody asks for: they travel together, in their order, and fail like any other."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest
from chassis.config.clock import Clock
from chassis.db import Database, Tx
from chassis_testing import Harness
from probe import script
from probe.messaging import NOTE
from probe.seen import effects, held_up, settled_by_clock
from probe.web import meeting

MOVE = """
update effects
set meeting = $2
where meeting = $1
"""
MEETINGS = """
select meeting
from effects
where host = $1
order by position
"""


class Gone(Exception):
    """The story ends badly."""


@pytest.fixture
async def database(probe: Harness) -> AsyncGenerator[Database]:
    database = Database(probe.database_url, "probe", Clock())
    await database.open()
    yield database
    await database.close()


def noting(host: UUID, *meetings: UUID) -> Callable[[Tx | None], Awaitable[None]]:
    async def note(tx: Tx | None) -> None:
        assert tx is not None
        for one in meetings:
            tx.note(NOTE, host, one, 0, True)

    return note


async def test_what_is_noted_is_there_for_whoever_asks_next_and_keeps_its_order(probe: Harness, database: Database):
    host, first, second, third, moved = (uuid4() for _ in range(5))
    async with database.begin() as tx:
        tx.note(NOTE, host, first, 0, True)
        tx.note(NOTE, host, second, 0, True)
        assert [row["meeting"] for row in await tx.fetch(MEETINGS, host)] == [first, second]
        tx.note(NOTE, host, third, 0, True)
        tx.note(MOVE, third, moved)
        tx.note(NOTE, host, third, 0, True)
        assert await tx.value(MEETINGS, host) == first
        assert await tx.execute(MOVE, third, second) == 1
        tx.note(NOTE, host, third, 0, True)
    assert await effects(probe, host) == [first, second, moved, second, third]


async def test_what_is_noted_goes_with_a_transaction_that_does_not_commit(probe: Harness, database: Database):
    host = uuid4()

    async def tell(second: UUID | None, end: Exception | None = None) -> None:
        async with database.begin() as tx:
            tx.note(NOTE, host, uuid4(), 0, True)
            tx.note(NOTE, host, second, 0, True)
            if end is not None:
                raise end

    with pytest.raises(Gone):
        await tell(uuid4(), Gone())
    with pytest.raises(asyncpg.NotNullViolationError):
        await tell(None)
    assert await effects(probe, host) == []


async def test_a_noted_statement_that_fails_parks_its_own_event_and_no_other(probe: Harness):
    innocent, guilty, gate = uuid4(), uuid4(), uuid4()
    bad, good = meeting(uuid4(), guilty), [meeting(uuid4(), innocent) for _ in range(4)]

    async def spoil(tx: Tx | None) -> None:
        assert tx is not None
        tx.note(NOTE, guilty, None, 0, True)

    extra = uuid4()
    script.always[good[0].meeting] = noting(innocent, extra)
    script.planned[bad.meeting] = [spoil, spoil]  # once with its siblings, once alone
    async with held_up(probe, innocent, gate):
        await probe.publish(*good[:2], bad, *good[2:])
    await settled_by_clock(probe)
    assert await effects(probe, guilty) == [bad.meeting]
    # the gate, then each sibling once; what was noted for the first comes before what it executed
    assert await effects(probe, innocent) == [gate, extra, *(one.meeting for one in good)]


async def test_one_noted_statement_commits_by_itself_all_of_its_runs_or_none(probe: Harness, database: Database):
    host, first, second = uuid4(), uuid4(), uuid4()
    asked: list[str] = []

    async def tell(*meetings: UUID | None) -> None:
        async with database.begin() as tx:
            tx.connection.add_query_logger(lambda record: asked.append(record.query))
            for one in meetings:
                tx.note(NOTE, host, one, 0, True)

    await tell(first, second)
    assert asked == [NOTE]
    with pytest.raises(asyncpg.NotNullViolationError):
        await tell(uuid4(), None)
    assert await effects(probe, host) == [first, second]


async def test_several_noted_statements_commit_together_or_not_at_all(probe: Harness, database: Database):
    host, first = uuid4(), uuid4()

    async def tell() -> None:
        async with database.begin() as tx:
            tx.note(NOTE, host, first, 0, True)
            tx.note(MOVE, first, uuid4())
            tx.note(NOTE, host, None, 0, True)

    with pytest.raises(asyncpg.NotNullViolationError):
        await tell()
    assert await effects(probe, host) == []
