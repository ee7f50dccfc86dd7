"""Topics, users and ACLs of partners, by Kafka's admin protocol."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from chassis.config import Brokers
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import admin as exported

from partners.clients.quotas import limit
from partners.domain.access import Access, topic_settings, user_of
from partners.domain.partner import prefix_of

# what it exports it assigns, by which type checkers do not know it as exported
admins: Any = exported
log = structlog.get_logger(__name__)

SECONDS = 10
MECHANISM = admins.ScramMechanism.SCRAM_SHA_512
ITERATIONS = 8192
THERE = {KafkaError.TOPIC_ALREADY_EXISTS}
GONE = {KafkaError.RESOURCE_NOT_FOUND}
NO_AUTHORIZER = {KafkaError.SECURITY_DISABLED}


@dataclass(frozen=True, slots=True)
class Kafka:
    """How Kafka is reached, what topics partners have, and how many bytes a second each may read of a broker.

    Where it is not `ours` to give access, others make topics and users, such as Strimzi's operators.
    """

    ours: bool
    brokers: Brokers
    client: Mapping[str, Any]
    prefix: str
    topics: Mapping[str, int]
    bytes_per_second: int


class TopicsMissing(Exception):
    """A partner is open, and its topics are not made yet; what it is to be sent waits."""


async def give(access: Access, kafka: Kafka) -> bool:
    """Let Kafka know a partner as it is now; false where others do, who have made its topics.

    Raises TopicsMissing where they have not, KafkaException and KafkaError.
    """
    if not kafka.ours:
        await asyncio.to_thread(_require, access, kafka)
        return False
    user = user_of(access.partner, kafka.prefix)
    await asyncio.to_thread(_admit if access.open else _expel, access, user, kafka)
    await limit(kafka.brokers, user, kafka.bytes_per_second if access.open else None)
    return True


def _require(access: Access, kafka: Kafka) -> None:
    there = admins.AdminClient(dict(kafka.client)).list_topics(timeout=SECONDS).topics
    names = f"{kafka.prefix}{prefix_of(access.partner)}"
    if access.open and not {f"{names}{topic}" for topic in kafka.topics} <= there.keys():
        raise TopicsMissing


def _admit(access: Access, user: str, kafka: Kafka) -> None:
    admin = admins.AdminClient(dict(kafka.client))
    names = f"{kafka.prefix}{prefix_of(access.partner)}"
    topics = [_topic(f"{names}{topic}", retention) for topic, retention in kafka.topics.items()]
    _wait(admin.create_topics(topics, request_timeout=SECONDS).values(), passing=THERE)
    if access.secret is not None:
        made = admins.UserScramCredentialUpsertion(
            user, admins.ScramCredentialInfo(MECHANISM, ITERATIONS), access.secret.encode()
        )
        _wait(admin.alter_user_scram_credentials([made], request_timeout=SECONDS).values())
    _authorize(lambda: admin.create_acls(_rights(user, names), request_timeout=SECONDS))


def _expel(access: Access, user: str, kafka: Kafka) -> None:
    """End reading, whoever is connected, and then connecting; the topics stay until their events are past."""
    admin = admins.AdminClient(dict(kafka.client))
    everything = admins.AclBindingFilter(
        admins.ResourceType.ANY,
        None,
        admins.ResourcePatternType.ANY,
        f"User:{user}",
        None,
        admins.AclOperation.ANY,
        admins.AclPermissionType.ANY,
    )
    _authorize(lambda: admin.delete_acls([everything], request_timeout=SECONDS))
    gone = admins.UserScramCredentialDeletion(user, MECHANISM)
    _wait(admin.alter_user_scram_credentials([gone], request_timeout=SECONDS).values(), passing=GONE)


def _topic(name: str, retention: int) -> Any:
    # one partition: what a partner reads is in order, and is no more than a client takes; replicas as the broker has it
    return admins.NewTopic(name, num_partitions=1, replication_factor=-1, config=topic_settings(retention))


def _rights(user: str, names: str) -> list[Any]:
    return [
        admins.AclBinding(
            kind,
            names,
            admins.ResourcePatternType.PREFIXED,
            f"User:{user}",
            "*",
            operation,
            admins.AclPermissionType.ALLOW,
        )
        for kind in (admins.ResourceType.TOPIC, admins.ResourceType.GROUP)
        for operation in (admins.AclOperation.READ, admins.AclOperation.DESCRIBE)
    ]


def _authorize(ask: Callable[[], Mapping[Any, Future[Any]]]) -> None:
    try:
        _wait(ask().values())
    except KafkaException as error:
        if _code(error) not in NO_AUTHORIZER:
            raise
        log.warning("the broker has no authorizer; everybody may read what partners are sent")


def _wait(answers: Iterable[Future[Any]], passing: set[int] | None = None) -> None:
    for answer in answers:
        try:
            answer.result(SECONDS)
        except KafkaException as error:
            if _code(error) not in (passing or ()):
                raise


def _code(error: KafkaException) -> int:
    return error.args[0].code()
