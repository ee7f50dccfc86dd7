"""Each partner is sent its own, in order, and nothing of anybody else."""

import json
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from chassis_testing.harness import until
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from contracts.mail_relay import ClaimOpened
from contracts.orders import DeliveryReleased, OrderCancelled, OrderClosed, OrderPaid, OrderPlaced
from contracts.partner import partner_dataschema_of
from jsonschema import Draft202012Validator

from contracts import partner_events, partner_view

from .conftest import STORY, Desk, example

SCHEMAS = Path(__file__).parents[4] / "contracts" / "rendered" / "partner" / "schemas"


def sold(order: UUID, channel: str, customer: UUID, tenant: str = "kontor") -> list[Any]:
    """An order from its placing to its end."""
    facts: dict[str, Any] = {"order": order, "channel": channel, "tenant": tenant}
    return [
        example(OrderPlaced, **facts, customer=customer),
        example(OrderPaid, **facts, customer=customer),
        example(DeliveryReleased, **facts),
        example(OrderClosed, **facts, customer=customer),
    ]


async def test_PLT_5_PLT_6_PLT_7_a_partner_is_sent_its_own_orders_and_no_others(desk: Desk, order: UUID):
    customer, elsewhere, foreign = uuid4(), uuid4(), uuid4()
    assert '"done":true' in (await desk.open("nord", "north")).stdout
    assert '"done":true' in (await desk.open("sued", "south", "north")).stdout
    assert '"done":true' in (await desk.open("west", "north", tenant="other")).stdout
    await desk.home.publish(*sold(order, "north", customer), *sold(elsewhere, "south", customer))
    await desk.home.publish(*sold(foreign, "north", customer, tenant="other"))

    nord, sued, west = [await desk.sent(id_, *STORY) for id_ in ("nord", "sued", "west")]

    assert {event["data"]["order"] for event in nord} == {str(order)}
    assert {event["data"]["order"] for event in sued} == {str(order), str(elsewhere)}
    assert {event["data"]["order"] for event in west} == {str(foreign)}
    assert {event["tenant"] for event in west} == {"other"}
    assert sorted(int(event["sequence"]) for event in nord) == [1, 2, 3, 4]  # none is missing
    # whoever puts the views of two partners together does not learn that a customer of one is one of the other
    assert len({event["customer"] for event in nord if "customer" in event}) == 1
    assert len({event["customer"] for event in sued if "customer" in event}) == 1
    assert len({event["customer"] for event in nord + sued + west if "customer" in event}) == 3
    kept = await desk.home.sql("select content from facts union all select customer from facts")
    assert not [row for row in kept if row[0] and (str(customer).encode() in row[0] or customer.bytes in row[0])]


async def test_an_event_is_a_cloudevent_in_structured_mode_with_public_fields_only(desk: Desk, order: UUID):
    await desk.open("nord", "every")
    for event in partner_events().values():
        if "channel" in event.model_fields and "order" in event.model_fields:
            await desk.home.publish(example(event, order=order, channel="every"))
    placed = example(OrderPlaced, order=order, channel="every")
    ids = await desk.home.publish(placed)
    await desk.sent("nord", OrderPlaced)
    records = [
        (topic.removeprefix("partner.nord."), record)
        for topic, found in desk.home.log.items()
        for record in found
        if topic.startswith("partner.nord.") and record.key == str(order).encode()
    ]

    read = {
        str(parsed.get_attributes()["id"]): parsed
        for _, record in records
        for parsed in [from_kafka_event(KafkaMessage(dict(record.headers), record.key, record.value))]
    }

    assert {topic for topic, _ in records} == {
        topic
        for topic, event in partner_events().items()
        if "channel" in event.model_fields and "order" in event.model_fields
    }
    for topic, record in records:
        schema = json.loads((SCHEMAS / f"{topic}.json").read_text())
        cast("Any", Draft202012Validator(schema)).validate(json.loads(record.value)["data"])
    attributes = read[str(ids[0])].get_attributes()
    assert attributes["type"] == "org.kontor.OrderPlaced"
    assert attributes["source"] == "orders"
    assert attributes["subject"] == str(order)
    assert attributes["dataschema"] == partner_dataschema_of("OrderPlaced")
    assert read[str(ids[0])].get_data() == partner_view(placed)
    # the session of a download is no public field, and so not the subject either
    assert all("subject" not in one.get_attributes() for one in read.values() if "Started" in one.get_type())


async def test_what_names_no_channel_waits_for_its_order(desk: Desk, order: UUID):
    await desk.open("nord", "every")
    claims = [example(ClaimOpened, order=order, claim=uuid4()) for _ in range(2)]
    await desk.home.publish(*claims)
    assert await desk.sent("nord", ClaimOpened, order=order) == []

    await desk.home.publish(example(OrderPlaced, order=order, channel="every"))
    await desk.home.settled()
    await desk.home.publish(example(ClaimOpened, order=order, claim=uuid4()))

    found = await desk.sent("nord", ClaimOpened, order=order)
    assert [event["sequence"] for event in found] == [f"{number:019d}" for number in (1, 2, 4)]
    assert [event["data"]["claim"] for event in found[:2]] == [str(claim.claim) for claim in claims]


async def test_PLT_5_the_past_comes_again_in_order_and_the_present_after_it(desk: Desk):
    await desk.open("nord", "east")
    orders = [uuid4() for _ in range(3)]
    placed = [example(OrderPlaced, order=one, channel="east") for one in orders]
    paid = [example(OrderPaid, order=one, channel="east") for one in orders]
    ids = await desk.home.publish(*placed)
    await desk.home.settled()
    before = len(await desk.sent("nord", OrderPlaced, OrderPaid))

    assert (await desk.replay("nord")).exit_code == 0
    more = await desk.home.publish(*paid, *[example(OrderPlaced, order=one, channel="east") for one in orders])

    found = (await desk.sent("nord", OrderPlaced, OrderPaid))[:]
    for number, one in enumerate(orders):
        mine = [event["id"] for event in await desk.sent("nord", OrderPlaced, order=one)]
        assert mine == [str(ids[number]), str(ids[number]), str(more[3 + number])]
    assert len(found) > before
    assert len(await desk.sent("nord", OrderPaid, order=orders[0])) == 1


async def test_PLT_5_what_comes_while_the_past_is_sent_comes_whatever_moment_that_began_at(desk: Desk, order: UUID):
    await desk.open("nord", "east")
    await desk.home.sql("update partners set applied = 0, wanted = 1, claimed_until = 'infinity' where id = 'nord'")
    await desk.replay("nord")
    await desk.home.publish(example(OrderPlaced, order=order, channel="east"))
    await desk.home.settled()

    await desk.replay("nord", "2199-01-01T00:00:00Z")

    await desk.home.publish(example(OrderPaid, order=order, channel="east"))
    await desk.home.settled()
    await desk.home.sql("update partners set claimed_until = '-infinity'")
    assert [event["type"] for event in await desk.sent("nord", *STORY, order=order)] == [
        "org.kontor.OrderPlaced",
        "org.kontor.OrderPaid",
    ]


async def test_a_partner_that_comes_later_is_sent_what_was_since_a_moment(desk: Desk, order: UUID):
    desk.home.shift_clock(7200)
    await desk.home.publish(example(OrderPlaced, order=order, channel="later"))
    await desk.home.settled()
    since = desk.home.clock.now().isoformat()
    desk.home.shift_clock(60)
    await desk.home.publish(example(OrderPaid, order=order, channel="later"))
    await desk.home.settled()
    await desk.open("sued", "later")
    assert await desk.sent("sued", *STORY, order=order) == []

    await desk.replay("sued", since)

    assert [event["type"] for event in await desk.sent("sued", *STORY, order=order)] == ["org.kontor.OrderPaid"]


async def test_whoever_is_closed_is_sent_nothing_more(desk: Desk, order: UUID):
    await desk.open("west", "north", tenant="other")
    assert '"done":true' in (await desk.run("close", "west", "--json")).stdout
    assert '"done":false' in (await desk.run("close", "west", "--json")).stdout

    await desk.home.publish(*sold(order, "north", uuid4(), tenant="other"))

    assert await desk.sent("west", *STORY, order=order) == []
    assert "closed" in (await desk.replay("west")).stderr
    assert (await desk.open("west", "north")).stderr.startswith("Another tenant has a partner")
    assert '"done":true' in (await desk.open("west", "north", tenant="other")).stdout
    assert '"done":false' in (await desk.open("west", "north", tenant="other")).stdout


async def test_a_password_that_cannot_be_written_down_is_nobodys(desk: Desk):
    await desk.home.open_tenants("kontor")
    nowhere = str(desk.directory / "none" / "password")
    done = await desk.run("open", "--file", desk.written("ost"), "--secret-file", nowhere)
    assert isinstance(done.exception, FileNotFoundError)
    opened = await desk.open("ost", "east")
    assert '"password":' in opened.stdout

    password = desk.directory / "password"
    for words in ("open", "--file", desk.written("ost")), ("rotate", "nobody"):
        await desk.run(*words, "--secret-file", str(password))
        assert not password.exists()
    assert (await desk.run("rotate", "ost", "--secret-file", str(password))).exit_code == 0
    assert len(password.read_text().strip()) == 32
    assert password.stat().st_mode & 0o77 == 0


async def test_PLT_11_examples_come_on_a_topic_of_their_own(desk: Desk):
    await desk.open("nord", "north")

    assert (await desk.run("test", "nord", "--event", "OrderPaid", "--event", "OrderCancelled")).exit_code == 0

    async def came() -> list[Any]:
        return desk.home.log.get("partner.nord.Test", [])

    records = await until(came, what="the examples")
    parsed = [from_kafka_event(KafkaMessage(dict(one.headers), one.key, one.value)) for one in records]
    assert {one.get_type() for one in parsed} <= {"org.kontor.OrderPaid", f"org.kontor.{OrderCancelled.DECLARED.topic}"}
    assert all(one.get_attributes()["test"] is True for one in parsed)
    assert all(cast("dict[str, Any]", one.get_data())["channel"] == "north" for one in parsed)
