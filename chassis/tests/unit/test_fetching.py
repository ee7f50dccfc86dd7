"""What a fetch says of partitions is written and read as aiokafka does it."""

from io import BytesIO
from typing import Any

import pytest
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11, FetchResponse_v11
from aiokafka.protocol.types import Array, Bytes, Int16, Int32, Int64, Schema
from chassis.consuming import fetching

ASKED: Any = Schema(
    ("partition", Int32), ("epoch", Int32), ("offset", Int64), ("log_start", Int64), ("max_bytes", Int32)
)
ANSWERED: Any = Schema(
    ("partition", Int32),
    ("error_code", Int16),
    ("highwater", Int64),
    ("last_stable", Int64),
    ("log_start", Int64),
    ("aborted", Array(("producer_id", Int64), ("first_offset", Int64))),
    ("preferred", Int32),
    ("records", Bytes),
)
LARGE = 2**40


def test_a_partition_is_asked_for_with_the_same_bytes():
    for item in ((0, -1, 0, -1, 2**20), (2, 7, LARGE, 5, 2**31 - 1)):
        assert fetching.Asked.encode(item) == ASKED.encode(item)


@pytest.mark.parametrize(
    "item",
    [
        (0, 0, 0, 0, 0, [], -1, b""),
        (2, 1, LARGE, LARGE - 1, 3, [(LARGE, 7), (1, 2)], 1, b"records"),
        (1, -1, -1, -1, -1, None, -1, None),
    ],
)
def test_a_partition_of_an_answer_is_read_as_the_same_numbers_and_no_byte_further(item: tuple[Any, ...]):
    data = BytesIO(ANSWERED.encode(item) + b"next")
    assert fetching.Answered.decode(data) == item
    assert data.read() == b"next"


def test_aiokafka_writes_requests_and_reads_answers_of_many_topics_so():
    fetching.install()
    topics = [(f"Topic{number}", [(0, LARGE, 5), (1, number, 6)]) for number in range(3)]
    asked = FetchRequest(1000, 1, 9, 0, topics).build(FetchRequest_v11).encode()
    assert all(fetching.Asked.encode((1, -1, number, -1, 6)) in asked for number in range(3))
    partition = ANSWERED.encode((4, 0, 9, 9, 0, [], -1, b"records"))
    topic = b"\0\5Topic" + Int32.encode(2) + 2 * partition
    answer: Any = FetchResponse_v11.decode(BytesIO(bytes(10) + Int32.encode(2) + 2 * topic))
    assert answer.topics == 2 * [("Topic", 2 * [(4, 0, 9, 9, 0, [], -1, b"records")])]
