"""Read an event as any consumer may: by confluent-kafka and the CloudEvents SDK, nothing of Kontor's code.

`python read.py TOPIC [FIELD ...]` waits half a minute at most for the first event of a topic (of `-` it reads JSON from
the standard input), and prints its data; of the fields that are named it prints the values, a line each, and opens them
where they are sealed to a key that ACCOUNTS_URL knows (HPKE, RFC 9180). A field is a path as `lines.0.sku`.
"""

import base64
import json
import os
import sys
import time
import urllib.request
import uuid
from functools import reduce
from typing import Any

from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from confluent_kafka import Consumer, TopicPartition
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
SECONDS = 30


def first(topic: str) -> Any:
    """Return the first event of a topic."""
    consumer = Consumer({"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "group.id": str(uuid.uuid4())})
    partitions = consumer.list_topics(topic, timeout=SECONDS).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        record = consumer.poll(1)
        if record is not None and not record.error():
            headers: Any = record.headers() or []
            value: Any = record.value()
            return from_kafka_event(KafkaMessage(dict(headers), record.key(), value)).get_data()
    sys.exit(f"{topic}: no event within {SECONDS} seconds")


def decoded(text: str) -> bytes:
    """Decode base64, which events have in the url-safe alphabet."""
    return base64.urlsafe_b64decode(text.translate({ord("+"): "-", ord("/"): "_"}) + "=" * (-len(text) % 4))


def opened(sealed: dict[str, str]) -> str:
    """Ask for the private half of the key, and open the box."""
    body = json.dumps({"purpose": "letters", "keys": [sealed["key"]]}).encode()
    url = f"{os.environ['ACCOUNTS_URL']}/subject-keys"
    with urllib.request.urlopen(urllib.request.Request(url, body)) as answer:  # noqa: S310 -- the landscape's own address
        (known,) = json.load(answer)["keys"]
    private = X25519PrivateKey.from_private_bytes(decoded(known["private"]))
    info = b"kontor sealed 1\0" + uuid.UUID(sealed["key"]).bytes + sealed["kind"].encode()
    return SUITE.decrypt(decoded(sealed["box"]), private, info=info).decode()


def main() -> None:
    """Print what the arguments ask for."""
    topic, *fields = sys.argv[1:]
    data = json.load(sys.stdin) if topic == "-" else first(f"{os.environ.get('TOPIC_PREFIX', '')}{topic}")
    if not fields:
        print(json.dumps(data))
    for path in fields:
        steps = [int(step) if step.isdigit() else step for step in path.split(".")]
        value: Any = reduce(lambda inner, step: inner[step], steps, data)
        print(opened(value) if "box" in value else value)


if __name__ == "__main__":
    main()
