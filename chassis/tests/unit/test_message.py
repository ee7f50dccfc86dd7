from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from chassis.consuming import message
from chassis.consuming.message import Record, read_message
from contracts.orders import OrderPlaced
from contracts.wire import encode, headers

PLACED = OrderPlaced.model_validate(OrderPlaced.EXAMPLE)


def record(number: int) -> Record:
    said = headers(PLACED, id=UUID(int=number), source="orders", time=datetime.now(UTC))
    return ConsumerRecord("OrderPlaced", 0, number, 0, 0, b"key", encode(PLACED), None, 3, 0, said)


def test_services_of_one_process_read_a_record_once_and_each_record_by_itself(monkeypatch: pytest.MonkeyPatch):
    one = record(1)
    assert read_message(one, "").event is not read_message(one, "").event
    monkeypatch.setattr(message, "READERS", {"letters", "orders"})
    first, again, other = read_message(one, ""), read_message(one, ""), read_message(record(2), "")
    assert first.fault is None
    assert (again.event, again.attributes) == (first.event, first.attributes)
    assert again.event is first.event
    assert again.attributes is first.attributes
    assert other.identity != first.identity
