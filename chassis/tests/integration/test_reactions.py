"""The forms of a reaction: one event at a time, recorded and concluded, or folded; in batches handed over by hand."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.consuming import Message, Reactions, Touched, fold, on, record
from chassis.consuming.batches import BatchHandler
from chassis.db import Database, Tx
from chassis_testing import Harness
from chassis_testing.stack import Infrastructure
from contracts.delivery import DownloadCompleted, DownloadStarted
from contracts.event import Event
from contracts.rewards import PointsAccrued, PointsReversed
from contracts.shared import MeetingLogged
from probe import script
from probe.around import site
from probe.batch import database_of, message, replica_of
from probe.domain import MeetingRefused
from probe.web import meeting

SINCE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


@pytest.fixture
async def handler(home: Harness) -> AsyncGenerator[BatchHandler]:
    handler = replica_of(database_of(home))
    yield handler
    await handler.close()
    await home.sql("truncate facts, conclusions, announced, balances, chassis.outbox, chassis.parked")


def started(order: UUID, session: UUID) -> DownloadStarted:
    return DownloadStarted.model_validate(DownloadStarted.EXAMPLE | {"order": order, "session": session})


def completed(order: UUID, session: UUID) -> DownloadCompleted:
    return DownloadCompleted.model_validate(DownloadCompleted.EXAMPLE | {"order": order, "session": session})


def accrued(member: UUID, points: int) -> PointsAccrued:
    return PointsAccrued.model_validate(
        PointsAccrued.EXAMPLE | {"member": member, "posting": uuid4(), "points": points}
    )


def reversed_(member: UUID, points: int) -> PointsReversed:
    return PointsReversed.model_validate(
        PointsReversed.EXAMPLE | {"member": member, "posting": uuid4(), "points": points}
    )


def batch(*events: Event) -> list[Message[Event]]:
    return [message(event, offset) for offset, event in enumerate(events)]


def trace(number: int) -> str:
    return f"00-{number:032x}-{number:016x}-00"


async def published(home: Harness) -> dict[str, str | None]:
    """Return the traceparent of each event in the outbox, by its subject."""
    rows = await home.sql("select subject, traceparent from chassis.outbox where raw_headers is null")
    return {row["subject"]: row["traceparent"] for row in rows}


async def concluded(home: Harness) -> list[list[UUID]]:
    return [row["order_ids"] for row in await home.sql("select order_ids from conclusions order by position")]


async def points(home: Harness, member: UUID) -> tuple[int, int]:
    """Return a member's balance, and how often it was saved."""
    (row,) = await home.sql("select points, saves from balances where member_id = $1", member)
    return row["points"], row["saves"]


async def test_events_of_a_type_are_recorded_together_and_concluded_once_for_all_orders(
    home: Harness, handler: BatchHandler
):
    orders = [uuid4() for _ in range(4)]
    sessions = [uuid4() for _ in orders]
    parts = [event(*pair) for pair in zip(orders, sessions, strict=True) for event in (completed, started)]
    asked: list[str] = []
    handler.database = Listening(home.database_url, "probe", home.clock, asked=asked)
    await handler.handle(batch(*parts))
    assert len([query for query in asked if "insert into facts" in query]) == 2, "one statement for each type"
    assert len([query for query in asked if "insert into announced" in query]) == 1
    assert await concluded(home) == [sorted(orders)]
    assert set(await published(home)) == {str(session) for session in sessions}


@dataclass(slots=True)
class Listening(Database):
    """A database that notes each statement of its own connections."""

    asked: list[str] = None  # pyright: ignore[reportAssignmentType] -- given by the test

    async def connect(self, **settings: str) -> Any:
        connection = await Database.connect(self, **settings)
        connection.add_query_logger(lambda query: self.asked.append(query.query))
        return connection


async def test_what_is_concluded_does_not_depend_on_the_order_or_the_batches_of_the_parts(
    home: Harness, handler: BatchHandler
):
    order, session, other = uuid4(), uuid4(), uuid4()
    await handler.handle(batch(completed(order, session)))
    assert not await published(home)
    await handler.handle(batch(started(order, other), started(order, session), started(order, session)))
    await handler.handle(batch(completed(order, session)))
    assert list(await published(home)) == [str(session)]
    assert await concluded(home) == [[order], [order], [order]]


@pytest.mark.parametrize("error", [RuntimeError("x"), MeetingRefused("x")])
async def test_a_recorded_event_that_fails_is_parked_alone_and_its_siblings_take_effect(
    home: Harness, handler: BatchHandler, error: Exception
):
    orders, sessions = [uuid4() for _ in range(5)], [uuid4() for _ in range(5)]
    script.always[sessions[2]] = error
    await handler.handle(batch(*map(started, orders, sessions), *map(completed, orders, sessions)))
    innocent = [session for number, session in enumerate(sessions) if number != 2]
    assert set(await published(home)) == {str(session) for session in innocent}
    facts = await home.sql("select session, count(*) from facts group by session")
    assert {row["session"]: row["count"] for row in facts} == dict.fromkeys(innocent, 2)
    parked = await home.sql("select key, state, reason from chassis.parked order by topic")
    dead = isinstance(error, MeetingRefused)
    assert [row["key"] for row in parked] == [str(orders[2]).encode()] * 2
    assert {row["state"] for row in parked} == {"dead" if dead else "waiting"}


async def test_a_conclusion_that_fails_parks_the_event_that_touched_its_order_and_no_other(
    home: Harness, handler: BatchHandler
):
    orders, sessions = [uuid4() for _ in range(3)], [uuid4() for _ in range(3)]

    async def conclude(tx: Tx, touched: Touched) -> None:
        await tx.execute("insert into conclusions (order_ids, effects) values ($1, true)", [key for _, key in touched])
        if ("kontor", orders[1]) in touched:
            raise RuntimeError

    async def nothing(tx: Tx, messages: Sequence[Message[DownloadStarted]]) -> None:
        pass

    handler.reactions = Reactions(record(on(DownloadStarted, nothing), conclude=conclude))
    await handler.handle(batch(*map(started, orders, sessions)))
    assert await concluded(home) == [[orders[0]], [orders[2]]]
    assert [row["key"] for row in await home.sql("select key from chassis.parked")] == [str(orders[1]).encode()]


async def test_what_follows_from_an_order_is_published_in_the_trace_of_the_event_that_touched_it_first(
    home: Harness, handler: BatchHandler
):
    orders, sessions = [uuid4() for _ in range(3)], [uuid4() for _ in range(3)]
    await handler.handle(
        [
            message(started(orders[0], sessions[0]), 0, traceparent=trace(1)),
            message(started(orders[1], sessions[1]), 1, traceparent=trace(2)),
            message(completed(orders[0], sessions[0]), 2, traceparent=trace(3)),
            message(completed(orders[1], sessions[1]), 3, traceparent=trace(4)),
            message(started(orders[2], sessions[2]), 4),
            message(completed(orders[2], sessions[2]), 5, traceparent=trace(5)),
        ]
    )
    assert await published(home) == {
        str(sessions[0]): trace(1),
        str(sessions[1]): trace(2),
        str(sessions[2]): None,
    }


async def test_the_attributes_of_the_first_event_are_the_cause_and_the_transaction_has_none(handler: BatchHandler):
    order, seen = uuid4(), list[tuple[UUID | None, list[UUID]]]()
    messages = [message(meeting(uuid4(), order), 0), message(started(order, uuid4()), 1, traceparent=trace(1))]

    async def see(tx: Tx, event: MeetingLogged) -> None:
        seen.append((tx.cause and tx.cause.id, []))

    async def nothing(tx: Tx, messages: Sequence[Message[DownloadStarted]]) -> None:
        pass

    async def conclude(tx: Tx, touched: Touched) -> None:
        seen.append((tx.cause and tx.cause.id, [cause.id for cause in touched.values() if cause is not None]))

    handler.reactions = Reactions(on(MeetingLogged, see), record(on(DownloadStarted, nothing), conclude=conclude))
    await handler.handle(messages)
    assert seen == [(messages[0].attributes.id, []), (None, [messages[1].attributes.id])]


async def test_events_of_history_are_recorded_and_concluded_apart_and_without_effects(
    home: Harness, handler: BatchHandler
):
    handler.effects_since = SINCE
    old, new, both = uuid4(), uuid4(), uuid4()
    before = SINCE - timedelta(seconds=1)
    await handler.handle(
        [
            message(started(new, uuid4()), 0, at=SINCE),
            message(started(old, uuid4()), 1, at=before),
            message(started(both, uuid4()), 2, at=SINCE),
            message(started(both, uuid4()), 3, at=before),
        ]
    )
    rows = await home.sql("select order_ids, effects from conclusions order by position")
    assert [(row["order_ids"], row["effects"]) for row in rows] == [
        (sorted([old, both]), False),
        (sorted([new, both]), True),
    ]


async def test_aggregates_that_fold_events_are_saved_once_for_a_batch(home: Harness, handler: BatchHandler):
    first, second = uuid4(), uuid4()
    reversal = reversed_(first, 3)
    await handler.handle(batch(accrued(first, 5), accrued(second, 7), reversal, accrued(first, 11)))
    assert await points(home, first) == (13, 1)
    assert await points(home, second) == (7, 1)
    assert list(await published(home)) == [str(reversal.posting)]


async def test_an_event_that_fails_in_a_fold_is_parked_alone_and_its_siblings_take_effect(
    home: Harness, handler: BatchHandler
):
    members = [uuid4() for _ in range(3)]
    bad = accrued(members[1], 7)
    script.always[bad.posting] = RuntimeError("x")
    await handler.handle(batch(accrued(members[0], 5), bad, accrued(members[2], 11), reversed_(members[0], 2)))
    assert await points(home, members[0]) == (3, 2)
    assert await points(home, members[2]) == (11, 1)
    assert not await home.sql("select 1 from balances where member_id = $1", members[1])
    assert [row["key"] for row in await home.sql("select key from chassis.parked")] == [str(members[1]).encode()]


async def test_what_is_folded_keeps_the_order_of_its_events_across_types(handler: BatchHandler):
    member, seen = uuid4(), list[UUID]()
    events = [accrued(member, 1), reversed_(member, 1), accrued(member, 2), reversed_(member, 2)]

    async def see(tx: Tx, messages: Sequence[Message[PointsAccrued | PointsReversed]]) -> None:
        seen.extend(one.event.posting for one in messages)

    handler.reactions = Reactions(fold(see, PointsReversed, PointsAccrued))
    await handler.handle(batch(*events))
    assert seen == [event.posting for event in events]


async def test_an_event_that_is_consumed_again_is_recorded_and_folded_once(home: Harness, handler: BatchHandler):
    order, session, member = uuid4(), uuid4(), uuid4()
    events = batch(started(order, session), completed(order, session), accrued(member, 5))
    await handler.handle([*events, *events])
    await handler.handle(events)
    assert await concluded(home) == [[order]]
    assert await points(home, member) == (5, 1)


async def plain(tx: Tx, messages: Any) -> None:
    del tx, messages


@pytest.mark.parametrize(
    "reactions",
    [
        [on(MeetingLogged, plain), fold(plain, MeetingLogged)],
        [record(on(DownloadStarted, plain), on(DownloadStarted, plain), conclude=plain)],
    ],
)
def test_two_reactions_to_one_event_are_refused(reactions: list[Any]):
    with pytest.raises(TypeError, match="there are two reactions to"):
        Reactions(*reactions)
