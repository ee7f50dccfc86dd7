"""What carries events: a service that is away, Kafka that stands still or refuses, a consumer that is held up."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

import confluent_kafka.admin

from journeys.suite import expect, until
from journeys.torture.alerts.provocation import Provocation
from journeys.torture.alerts.scene import Scene

REFUSING: Final = "OrderPlaced"
LARGEST: Final = "max.message.bytes"
END_BLOCKERS: Final = """
select count(pg_terminate_backend(pid))
from pg_stat_activity
where pid = any(select unnest(pg_blocking_pids(pid)) from pg_stat_activity where datname = current_database())
"""


@asynccontextmanager
async def service_away(scene: Scene) -> AsyncGenerator[None]:
    """A service is killed and does not come again."""
    stack = scene.suite.stack
    try:
        await asyncio.to_thread(stack.kill, "rewards")
        await asyncio.to_thread(stack.stop, "rewards")
        yield
    finally:
        await asyncio.to_thread(stack.start, "rewards")


@asynccontextmanager
async def kafka_frozen(scene: Scene) -> AsyncGenerator[None]:
    """Orders are placed while Kafka stands still."""
    try:
        await asyncio.to_thread(scene.suite.stack.freeze, "kafka")
        await scene.order()
        yield
        seen = await scene.run("orders", "doctor")
        expect("Kafka" in seen, f"the doctor of orders to name Kafka: {seen}")
    finally:
        await scene.kill("kafka")


@asynccontextmanager
async def topic_refuses(scene: Scene) -> AsyncGenerator[None]:
    """A topic takes only records that are smaller than any order."""
    try:
        await asyncio.to_thread(_limit, scene, "100")
        await scene.order()
        yield
    finally:
        await asyncio.to_thread(_limit, scene, None)
    shown = await scene.run("orders", "outbox", "list")
    numbers = re.findall(r"^\s*(\d+)\b", shown, re.MULTILINE)
    expect(numbers, f"outbox list to name what was refused: {shown}")
    await scene.suite.stack_run("orders", "outbox", "retry", *numbers)


@asynccontextmanager
async def consumer_held_up(scene: Scene) -> AsyncGenerator[None]:
    """Somebody holds a lock in the database of rewards that its consumer needs."""
    connection: Any = await scene.connect("rewards")
    try:
        await connection.execute("begin; lock table chassis.inbox in access exclusive mode")
        await scene.hold_meeting()
        yield

        async def ended() -> bool:
            """Its consumer tries again and again, and waits for the lock most of the time."""
            return await scene.value("rewards", END_BLOCKERS) > 0

        await until(ended, "whoever holds the lock to be found", 60)
    finally:
        connection.terminate()


def _limit(scene: Scene, size: str | None) -> None:
    """Limit the size of records of a topic, or no more."""
    kafka: Any = confluent_kafka.admin  # its types are not complete
    change = kafka.AlterConfigOpType.DELETE if size is None else kafka.AlterConfigOpType.SET
    entry = kafka.ConfigEntry(LARGEST, size or "", incremental_operation=change)
    topic = kafka.ConfigResource(kafka.ConfigResource.Type.TOPIC, REFUSING, incremental_configs=[entry])
    client = kafka.AdminClient({"bootstrap.servers": scene.suite.state.kafka})
    for done in client.incremental_alter_configs([topic]).values():
        done.result(30)


PROVOCATIONS: Final = (
    Provocation(("KontorServiceAway",), "rewards killed and kept away", service_away, "rewards"),
    Provocation(("KontorOutboxStandsStill",), "Kafka frozen while an order is placed", kafka_frozen, "orders"),
    Provocation(("KontorOutboxRefused",), f"{REFUSING} takes records of 100 bytes only", topic_refuses, "orders"),
    Provocation(("KontorConsumerLags",), "a lock on the inbox of rewards", consumer_held_up, "rewards"),
)
