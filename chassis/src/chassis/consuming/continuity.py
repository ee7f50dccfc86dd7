"""A log goes on as it was: a partition where it does not stands still until somebody decides."""

import asyncio
import contextlib
import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError
from contracts.event import Event

from chassis.consuming import gaps
from chassis.consuming.gaps import Gap, GapKind
from chassis.consuming.message import Message, Record, read_message
from chassis.consuming.numbers import Numbers, Place
from chassis.consuming.offsets import Offsets
from chassis.db.database import Database
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
COMPARE_SECONDS = 30.0
ANSWER_SECONDS = 10.0
Found = Mapping[TopicPartition, Sequence[Record]]


@dataclass(slots=True, eq=False)
class Continuity(ConsumerRebalanceListener):
    """Compares what was consumed with the logs of partitions that are assigned or jump, and now and then of all.

    A consumer would go on at the oldest record that is left, whatever is missing before it; here the partition stands
    still, and `open` names the gap, until the gap is accepted. A partition that nobody has consumed yet has no gap. The
    same where a producer's numbers begin again.
    """

    database: Database
    prefix: str
    offsets: Offsets
    consumer: Any = None
    open: dict[TopicPartition, Gap] = field(default_factory=dict[TopicPartition, Gap])
    # the next offset of each partition that was compared since it was assigned, and what was consumed of it before
    _expected: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    _consumed: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    _read_twice: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    _numbers: Numbers = field(default_factory=Numbers)
    _look_at: float = 0.0
    _compare_at: float = 0.0

    async def on_partitions_revoked(  # pyright: ignore[reportIncompatibleMethodOverride] -- aiokafka awaits it
        self, revoked: Collection[TopicPartition]
    ) -> None:
        """Commit what was handled while that is still possible, and count on no position any more."""
        del revoked
        await self.offsets.commit()
        self._expected = {}

    async def on_partitions_assigned(  # pyright: ignore[reportIncompatibleMethodOverride] -- aiokafka awaits it
        self, assigned: Collection[TopicPartition]
    ) -> None:
        """Compare all partitions before anything of them is handled."""
        self._expected, self._numbers = {}, Numbers()
        self.open = {partition: gap for partition, gap in self.open.items() if partition in assigned}
        self._show()

    def sought(self, partition: TopicPartition, offset: int) -> None:
        """Take note that the next record is to be this one."""
        if partition in self._expected:
            self._expected[partition] = offset

    async def look(self) -> None:
        """Compare partitions that were assigned, once a second those that stand still, and now and then all."""
        assigned = self.consumer.assignment()
        self.open = {one: gap for one, gap in self.open.items() if one in assigned}
        due = [one for one in assigned if one not in self._expected and one not in self.open]
        if self.open and time.monotonic() > self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            due += self.open
        if time.monotonic() > self._compare_at:
            self._compare_at = time.monotonic() + COMPARE_SECONDS
            due = list(assigned)
        if due:
            await self._compare(due, at_rest=True)

    async def follow_on(self, found: Found) -> dict[TopicPartition, Sequence[Record]]:
        """Return the records that follow on what was consumed; of other partitions nothing, they are read again."""
        before = self._expected
        new = [one for one in found if one not in before]
        jumped = [one for one, records in found.items() if one in before and before[one] != records[0].offset]
        # an offset that holds no record, but what ends a transaction, is passed over at the second reading
        doubtful = {one: before[one] for one in jumped if self._read_twice.get(one) != before[one]}
        again = {one: found[one][0].offset for one in new} | doubtful
        for one, offset in again.items():
            self._seek(one, offset)
        if again:
            await self._compare(list(again), at_rest=False)
            self._read_twice |= doubtful
        passed: dict[TopicPartition, Sequence[Record]] = {}
        for one, records in found.items():
            if one not in again and one in self._expected and not await self._is_another_log(one, records):
                self._expected[one] = records[-1].offset + 1
                passed[one] = records
        return passed

    async def of_producers_that_go_on(self, messages: Sequence[Message[Event]]) -> Sequence[Message[Event]]:
        """Return the messages before those at which a producer's numbers begin again; there its partition stops."""
        doubtful = self._numbers.doubtful(messages)
        if not doubtful:
            return messages
        identities = {message.identity for message in doubtful if message.identity is not None}
        known = await gaps.known(self.database.read(), identities)
        stops: dict[TopicPartition, int] = {}
        for message in doubtful:
            if message.identity not in known:
                stops.setdefault(_of(message), message.record.offset)
        for one, offset in stops.items():
            await self._stop(one, Gap(*self._place(one), offset, offset, GapKind.RENUMBERED), None)
        return [message for message in messages if message.record.offset < stops.get(_of(message), math.inf)]

    async def _compare(self, partitions: Sequence[TopicPartition], *, at_rest: bool) -> None:
        """Compare partitions with their logs, and stop those with a gap; what cannot be compared yet is read again."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._stop_or_go_on(partitions, at_rest=at_rest)
        except Exception as error:
            # whatever it is, nothing of these partitions is handled before it is known
            log.warning("what was consumed cannot be compared with the log yet", reason=type(error).__name__)
            for one in partitions:
                self._expected.pop(one, None)
            await asyncio.sleep(LOOK_SECONDS)

    async def _stop_or_go_on(self, partitions: Sequence[TopicPartition], *, at_rest: bool) -> None:
        expected = self._expected  # a rebalance makes another
        # read first: what another replica consumes meanwhile must not be beyond the end that we see
        consumed = await gaps.consumed(self.database.read())
        found = {(gap.topic, gap.partition): gap for _, gap in await gaps.list_open(self.database.read())}
        self._numbers.knows(await gaps.highest(self.database.read()))
        # before the starts: one that was reset, because records are gone, is not beyond what we compare
        positions = {one: await self.consumer.position(one) for one in partitions if at_rest and one in expected}
        starts: dict[TopicPartition, int] = await self.consumer.beginning_offsets(partitions)
        ends: dict[TopicPartition, int] = await self.consumer.end_offsets(partitions)
        reached = {place: starts[one] for one in partitions if (place := self._place(one)) not in consumed}
        for one in partitions:
            place = self._place(one)
            known = found.get(place)
            at = consumed.get(place, starts[one])
            gap = gaps.compared(place, at, starts[one], ends[one])
            if gap is None and known is not None and known.kind is not GapKind.DELETED:
                gap = known  # offsets do not show it
            if gap is not None:
                await self._stop(one, gap, known)
            elif one not in expected:
                expected[one] = await self._go_on(one, at, known)
            elif positions.get(one, 0) > at:
                # all records were handled: what lies between is what ends a transaction
                reached[place] = expected[one] = positions[one]
        if reached:
            async with self.database.begin() as tx:
                await gaps.reach(tx, reached)

    async def _stop(self, one: TopicPartition, gap: Gap, known: Gap | None) -> None:
        if gap != known:
            async with self.database.begin() as tx:
                await gaps.record(tx, gap)
        if self.open.get(one) != gap:
            log.error("a partition stands still", gap=str(gap))
        with contextlib.suppress(IllegalStateError):
            self.consumer.pause(one)
        self._expected.pop(one, None)
        self.open[one] = gap
        self._show()

    async def _go_on(self, one: TopicPartition, consumed: int, known: Gap | None) -> int:
        """Go on with the record that is returned."""
        if known is not None:
            async with self.database.begin() as tx:
                await gaps.close(tx, self._place(one))
        self._consumed[one] = consumed
        # an operator may have set the group's offset back; one that is ahead is of a database that was lost since
        if (position := await self.consumer.position(one)) > consumed:
            self._seek(one, consumed)
        if self.open.pop(one, None) is not None:
            log.warning("a partition goes on", topic=one.topic, partition=one.partition, offset=consumed)
            self._numbers.forget(self._place(one))
            self.consumer.resume(one)
            self._show()
        return min(position, consumed)

    async def _is_another_log(self, one: TopicPartition, records: Sequence[Record]) -> bool:
        """Return whether records stand where others were consumed, and stop their partition then."""
        consumed = self._consumed.get(one, 0)
        if records[0].offset >= consumed:
            return False
        again = [read_message(record, self.prefix) for record in records if record.offset < consumed]
        identities = {message.identity for message in again if message.identity is not None}
        try:
            if not identities or await gaps.known(self.database.read(), identities) == identities:
                return False
            start = (await self.consumer.beginning_offsets([one]))[one]
            await self._stop(one, Gap(*self._place(one), consumed, start, GapKind.ANEW), None)
        except Exception as error:
            log.warning("what was consumed cannot be compared with the log yet", reason=type(error).__name__)
            self._seek(one, records[0].offset)
            await asyncio.sleep(LOOK_SECONDS)
        return True

    def _place(self, one: TopicPartition) -> Place:
        return one.topic.removeprefix(self.prefix), one.partition

    def _seek(self, one: TopicPartition, offset: int) -> None:
        with contextlib.suppress(IllegalStateError):
            self.consumer.seek(one, offset)

    def _show(self) -> None:
        metrics.current().consumer_gaps.set(len(self.open))


def _of(message: Message[Event]) -> TopicPartition:
    return TopicPartition(message.record.topic, message.record.partition)
