"""The contracts name who consumes what; they cannot ask the services, which stand above them."""

from collections import defaultdict
from importlib import import_module

from contracts.topics import CONSUMED_BY, SERVICES


def test_the_contracts_name_every_consumer_and_no_other():
    consumed: defaultdict[str, list[str]] = defaultdict(list)
    for name in sorted(SERVICES):
        for topic in import_module(f"{name.replace('-', '_')}.__main__").service.reactions.topics:
            consumed[topic].append(name)

    assert {topic: list(services) for topic, services in CONSUMED_BY.items()} == consumed
