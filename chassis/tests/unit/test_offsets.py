"""Offsets are committed for several batches together."""

from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError
from chassis.consuming.offsets import AT_REST_SECONDS, EVERY_SECONDS, Offsets

FIRST, SECOND = TopicPartition("OrderPaid", 0), TopicPartition("OrderPaid", 1)


class Group:
    """What a consumer group has committed."""

    def __init__(self) -> None:
        self.commits: list[dict[TopicPartition, int]] = []
        self.moved = False

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        if self.moved:
            raise IllegalStateError
        self.commits.append(offsets)


def record(partition: TopicPartition, offset: int) -> Any:
    return ConsumerRecord(*partition, offset, 0, 0, b"", b"", None, 0, 0, ())


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def offsets(group: Group) -> Offsets:
    return Offsets(consumer=group)


async def test_the_first_batch_is_committed_at_once_and_those_of_the_next_moment_together(
    offsets: Offsets, group: Group
):
    assert await offsets.commit_due() == AT_REST_SECONDS
    offsets.handled([record(FIRST, 7), record(SECOND, 3)])
    assert await offsets.commit_due() == AT_REST_SECONDS
    assert group.commits == [{FIRST: 8, SECOND: 4}]
    offsets.handled([record(FIRST, 8)])
    offsets.handled([record(FIRST, 10), record(FIRST, 9)])
    assert 0 < await offsets.commit_due() <= EVERY_SECONDS
    assert len(group.commits) == 1
    await offsets.commit()  # as at a stop
    assert group.commits[1:] == [{FIRST: 11}]
    await offsets.commit()
    assert len(group.commits) == 2


async def test_what_another_replica_has_by_now_is_not_committed_later(offsets: Offsets, group: Group):
    offsets.handled([record(FIRST, 7)])
    group.moved = True
    await offsets.commit()
    group.moved = False
    await offsets.commit()
    assert group.commits == []
