"""The same access as objects of Strimzi, for clusters in which its operators make topics and users."""

from typing import Any

import yaml
from contracts.partner import partner_topics

from partners.domain.access import topic_settings, user_of
from partners.domain.partner import prefix_of

API = "kafka.strimzi.io/v1"
READING = ["Read", "Describe"]


def objects(partner: str, prefix: str, cluster: str, bytes_per_second: int) -> str:
    """Return a KafkaUser and a KafkaTopic for each topic, as YAML documents.

    Strimzi makes the password and keeps it in a Secret of the user's name.
    """
    return yaml.safe_dump_all([_user(partner, prefix, cluster, bytes_per_second), *_topics(partner, prefix, cluster)])


def _user(partner: str, prefix: str, cluster: str, bytes_per_second: int) -> dict[str, Any]:
    names = f"{prefix}{prefix_of(partner)}"
    acls = [
        {"resource": {"type": kind, "name": names, "patternType": "prefix"}, "operations": READING, "host": "*"}
        for kind in ("topic", "group")
    ]
    spec = {
        "authentication": {"type": "scram-sha-512"},
        "authorization": {"type": "simple", "acls": acls},
        "quotas": {"consumerByteRate": bytes_per_second},
    }
    return _object("KafkaUser", user_of(partner, prefix), cluster, spec)


def _topics(partner: str, prefix: str, cluster: str) -> list[dict[str, Any]]:
    names = f"{prefix}{prefix_of(partner)}"
    return [
        _object(
            "KafkaTopic",
            f"{names}{topic.name}".lower(),
            cluster,
            {
                "topicName": f"{names}{topic.name}",
                "partitions": 1,
                "config": topic_settings(topic.retention_ms),
            },
        )
        for topic in partner_topics()
    ]


def _object(kind: str, name: str, cluster: str, spec: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "labels": {"strimzi.io/cluster": cluster}}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec}
