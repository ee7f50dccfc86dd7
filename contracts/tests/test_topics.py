"""Every topic exists always."""

import pytest
from contracts.event import days
from contracts.topics import SERVICES, may_publish, published_by

from contracts import Event, topics


@pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)
def test_every_event_has_its_topic_with_its_retention(event: type[Event]):
    retention = event.DECLARED.retention

    found = {topic.name: topic.retention_ms for topic in topics()}[event.DECLARED.topic]

    assert found == (-1 if retention is None else days(1).total_seconds() * 1000 * retention.days)


def test_copies_of_state_are_kept_for_ever_and_facts_of_a_sale_are_not():
    found = {topic.name: topic.retention_ms for topic in topics()}

    assert (found["TenantOpened"], found["ProductPublished"], found["KeyDestroyed"]) == (-1, -1, -1)
    assert found["OrderPaid"] == 90 * 24 * 60 * 60 * 1000


def test_each_service_has_a_topic_for_its_dead_events():
    dead = {topic.name for topic in topics() if topic.name.startswith("dead.")}

    services = [
        "accounts",
        "catalog",
        "orders",
        "payments",
        "delivery",
        "licensing",
        "letters",
        "mail-relay",
        "rewards",
        "partners",
        "storefront",
        "workcenter",
    ]
    assert dead == {f"dead.{service}" for service in services}


def test_dead_topics_follow_the_services_of_the_installation():
    names = [topic.name for topic in topics(["orders", "webhooks", "orders"])]

    assert [name for name in names if name.startswith("dead.")] == ["dead.orders", "dead.webhooks"]
    assert len(names) == len(Event.ALL) + 2


def test_every_topic_of_the_services_is_written_by_those_who_say_its_event():
    writers = {
        topic.name: [service for service in SERVICES if topic.name in published_by(service)] for topic in topics()
    }

    for event in ("ErasureConfirmed", "DataShareExported"):
        assert writers.pop(event) == [
            *("orders", "payments", "delivery", "licensing", "letters", "mail-relay", "rewards")
        ]
    assert writers["MeetingLogged"] == ["rewards"]
    assert all(len(services) == 1 for services in writers.values())
    assert (writers["OrderPaid"], writers["dead.letters"]) == (["orders"], ["letters"])


def test_a_topic_is_of_the_services_that_the_contracts_name_and_meetings_are_of_anybody():
    assert may_publish("orders", "OrderPaid")
    assert not may_publish("payments", "OrderPaid")
    assert may_publish("orders", "ErasureConfirmed")
    assert not may_publish("accounts", "ErasureConfirmed")
    assert may_publish("a conferencing system", "MeetingLogged")
