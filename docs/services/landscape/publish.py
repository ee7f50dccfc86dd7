"""Publish an event as any producer may: made by the CloudEvents SDK, sent by confluent-kafka, nothing of Kontor's code.

`python publish.py SOURCE EVENT [FIELD=VALUE ...]` takes the example of the contracts, the person in PERSON where the
event names one, and the fields that are given; a field is a path as `lines.0.sku`, its value is JSON unless the example
has a text there.
"""

import json
import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudevents.core.bindings.kafka import to_binary_event
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Producer

EXAMPLES = Path(__file__).parents[3] / "contracts" / "rendered" / "examples"
# by what the records of a topic are ordered
KEYS = ("host", "order", "customer", "product", "tenant")


def put(content: Any, path: str, text: str) -> None:
    """Set a field, however deep."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        content = content[step]
    content[last] = text if isinstance(content[last], str) else json.loads(text)


def main() -> None:
    """Publish one event and wait until the broker has it."""
    source, name, *fields = sys.argv[1:]
    content = json.loads((EXAMPLES / f"{name}.json").read_text())
    someone = json.loads(os.environ.get("PERSON", "{}"))
    content |= {field: value for field, value in someone.items() if field in content}
    for path, _, text in (field.partition("=") for field in fields):
        put(content, path, text)
    attributes = {
        "id": str(uuid.uuid4()),
        "source": source,
        "type": f"org.kontor.{name}",
        "time": datetime.now(UTC),
        "tenant": content["tenant"],
    }
    key = next(content[field] for field in KEYS if field in content)
    sent = to_binary_event(CloudEvent(attributes, content), key_mapper=lambda _: str(key))
    producer = Producer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"]})
    topic = f"{os.environ.get('TOPIC_PREFIX', '')}{name}"
    producer.produce(topic, sent.value, sent.key, headers=list(sent.headers.items()))
    if producer.flush(20):
        sys.exit(f"{topic}: the broker does not answer")


if __name__ == "__main__":
    main()
