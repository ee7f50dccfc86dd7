"""Kafka is given what a partner may do within the time of a claim, or not at all."""

import socket
import time
from collections.abc import Generator
from dataclasses import replace

import pytest
from chassis.config import Brokers
from partners.clients import access
from partners.clients.access import Kafka, give
from partners.domain.access import ACT_SECONDS, LEASE_SECONDS, Access


@pytest.fixture
def silent() -> Generator[Kafka]:
    """A broker that takes connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        yield Kafka(True, Brokers([address]), {"bootstrap.servers": address}, "", {"OrderPaid": 1}, 1024)


def claimed(seconds_ago: float, *, is_open: bool = True) -> Access:
    return Access("nord", 1, is_open, 1, time.monotonic() - seconds_ago, "a password")


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("is_open", [True, False])
async def test_PLT_6_all_that_kafka_is_asked_has_ended_before_the_claim_does(silent: Kafka, ours: bool, is_open: bool):
    began = time.monotonic()

    answer = await give(claimed(ACT_SECONDS - 1, is_open=is_open), replace(silent, ours=ours))

    assert answer.failed
    assert time.monotonic() - began < 1 + LEASE_SECONDS - ACT_SECONDS


async def test_PLT_6_whoever_is_late_asks_nothing(silent: Kafka, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("Kafka is asked")

    monkeypatch.setattr(access, "_admit", refuse)

    assert (await give(claimed(ACT_SECONDS), silent)).failed
