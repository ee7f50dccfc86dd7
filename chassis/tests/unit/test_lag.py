"""How old may be what a replica has not handled yet."""

import time
from typing import Any

import pytest
from chassis.config.brokers import Brokers
from chassis.consuming.consumer import QUIET_SECONDS, Consumer


@pytest.fixture
def consumer() -> Any:
    nothing: Any = None
    return Consumer(Brokers(["127.0.0.1:9"]), "probe", "", ["MeetingLogged"], nothing)


def test_what_is_in_hand_is_as_old_as_its_first_record(consumer: Any):
    assert consumer._lag() == 0
    consumer._in_hand_since = time.time() - 60
    assert consumer._lag() == pytest.approx(60, abs=5)


@pytest.mark.parametrize("ahead", [None, -1.0, 600.0], ids=["at rest", "just handled", "of a clock that runs ahead"])
def test_where_kafka_is_silent_the_silence_counts_whatever_is_in_hand(consumer: Any, ahead: float | None):
    consumer._answered_at = time.monotonic() - 10 * QUIET_SECONDS
    consumer._in_hand_since = None if ahead is None else time.time() + ahead
    assert consumer._lag() >= 10 * QUIET_SECONDS
