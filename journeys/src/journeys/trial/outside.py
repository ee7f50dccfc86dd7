"""A partner's own programs: clients that nobody here wrote, as a partner runs them."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from journeys.trial.guarded import Guarded

# what ends a client: everything else it tries again by itself
REFUSED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError._AUTHENTICATION,
}
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Outsider:
    """Whoever has a name and a password at a broker."""

    broker: Guarded
    user: str
    password: str

    @property
    def options(self) -> dict[str, str]:
        """How librdkafka connects."""
        return {
            "bootstrap.servers": self.broker.named,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": self.user,
            "sasl.password": self.password,
            "ssl.ca.location": str(self.broker.directory / "ca.pem"),
        }

    async def read(self, topic: str, count: int = 1, group: str = "") -> list[Any]:
        """Return so many records of a topic from its beginning; raises KafkaException where that is refused."""
        return await asyncio.to_thread(self._read, topic, lambda found: len(found) >= count, group, SECONDS)

    async def refused(self, topic: str, group: str = "", seconds: float = SECONDS) -> tuple[int, float]:
        """Read until that is refused; return the error's code and when it came, on the monotonic clock.

        Raises AssertionError where it is not refused within so many seconds.
        """
        try:
            await asyncio.to_thread(self._read, topic, lambda _: False, group, seconds)
        except KafkaException as error:
            return error.args[0].code(), time.monotonic()
        raise AssertionError(f"{self.user} may read {topic}")

    async def write(self, topic: str) -> int:
        """Write a record; return the code of the error, 0 where it was taken."""
        return await asyncio.to_thread(self._write, topic)

    def _read(self, topic: str, enough: Callable[[list[Any]], bool], group: str, seconds: float) -> list[Any]:
        failed: list[KafkaError] = []
        own = {"group.id": group or f"{self.user}.reader", "auto.offset.reset": "earliest", "error_cb": failed.append}
        consumer = Consumer({**self.options, **own})
        consumer.subscribe([topic])
        found: list[Any] = []
        deadline = time.monotonic() + seconds
        try:
            while not enough(found):
                record = consumer.poll(0.1)
                error = None if record is None else record.error()
                failed += [] if error is None else [error]
                if refusals := [one for one in failed if one.code() in REFUSED]:
                    raise KafkaException(refusals[0])
                if record is not None and error is None:
                    found.append(record)
                assert time.monotonic() < deadline, f"{self.user} waits for {topic}: {failed}"
            return found
        finally:
            consumer.close()

    def _write(self, topic: str) -> int:
        codes: list[int] = []
        producer = Producer({**self.options, "message.timeout.ms": 10_000})
        producer.produce(topic, b"{}", on_delivery=lambda error, _: codes.append(error.code() if error else 0))
        producer.flush(SECONDS)
        return codes[0]
