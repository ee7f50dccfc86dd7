"""Topics, users and ACLs of partners, by Kafka's admin protocol."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from chassis.config import Brokers
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import admin as exported

from partners.clients.quotas import limit
from partners.domain.access import ACT_SECONDS, Access, Answer, topic_settings, user_of
from partners.domain.partner import prefix_of

# what it exports it assigns, by which type checkers do not know it as exported
admins: Any = exported
log = structlog.get_logger(__name__)

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


class TooLate(Exception):
    """Kafka has not answered in time, and this claim may be another's soon."""


@dataclass(frozen=True, slots=True)
class Admin:
    """Kafka's admin, for as long as a claim is surely ours: each question is answered until then, or not asked."""

    client: Any
    since: float

    @property
    def seconds(self) -> float:
        """How long it may take to answer; raises TooLate where that is over."""
        return seconds_left(self.since)

    def wait(self, ask: Callable[[float], Mapping[Any, Future[Any]]], passing: Iterable[int] = ()) -> set[int]:
        """Ask, and wait until all is answered; return which errors were passed over, and raise all others."""
        passed: set[int] = set()
        for answer in ask(self.seconds).values():
            error = answer.exception(self.seconds)
            if isinstance(error, KafkaException) and error.args[0].code() in passing:
                passed.add(error.args[0].code())
            elif error is not None:
                raise error
        return passed


def seconds_left(since: float) -> float:
    """Return how many seconds a claim of this moment has for its questions; raises TooLate where there is none."""
    left = since + ACT_SECONDS - time.monotonic()
    if left <= 0:
        raise TooLate
    return left


async def give(access: Access, kafka: Kafka) -> Answer:
    """Let Kafka know a partner as it is now, or, where others do, see whether they have made its topics."""
    if access.fault is not None:
        return Answer(access.fault)
    try:
        async with asyncio.timeout(seconds_left(access.since)):
            await _give(access, kafka)
    except Exception as error:  # whatever it is, it is recorded, and the other partners go on
        return Answer(_words(error))
    return Answer()


async def _give(access: Access, kafka: Kafka) -> None:
    if not kafka.ours:
        await asyncio.to_thread(_require, access, kafka)
        return
    user = user_of(access.partner, kafka.prefix)
    await asyncio.to_thread(_admit if access.open else _expel, access, user, kafka)
    await limit(kafka.brokers, user, kafka.bytes_per_second if access.open else None)


def _require(access: Access, kafka: Kafka) -> None:
    admin = _admin(access, kafka)
    there = admin.client.list_topics(timeout=admin.seconds).topics
    names = f"{kafka.prefix}{prefix_of(access.partner)}"
    if access.open and not {f"{names}{topic}" for topic in kafka.topics} <= there.keys():
        raise TopicsMissing


def _admit(access: Access, user: str, kafka: Kafka) -> None:
    admin = _admin(access, kafka)
    names = f"{kafka.prefix}{prefix_of(access.partner)}"
    topics = [_topic(f"{names}{topic}", retention) for topic, retention in kafka.topics.items()]
    admin.wait(lambda seconds: admin.client.create_topics(topics, request_timeout=seconds), passing=THERE)
    if access.secret is not None:
        made = admins.UserScramCredentialUpsertion(
            user, admins.ScramCredentialInfo(MECHANISM, ITERATIONS), access.secret.encode()
        )
        admin.wait(lambda seconds: admin.client.alter_user_scram_credentials([made], request_timeout=seconds))
    _authorize(admin, lambda seconds: admin.client.create_acls(_rights(user, names), request_timeout=seconds))


def _expel(access: Access, user: str, kafka: Kafka) -> None:
    """End reading, whoever is connected, and then connecting; the topics stay until their events are past."""
    admin = _admin(access, kafka)
    everything = admins.AclBindingFilter(
        admins.ResourceType.ANY,
        None,
        admins.ResourcePatternType.ANY,
        f"User:{user}",
        None,
        admins.AclOperation.ANY,
        admins.AclPermissionType.ANY,
    )
    _authorize(admin, lambda seconds: admin.client.delete_acls([everything], request_timeout=seconds))
    gone = admins.UserScramCredentialDeletion(user, MECHANISM)
    admin.wait(lambda seconds: admin.client.alter_user_scram_credentials([gone], request_timeout=seconds), passing=GONE)


def _admin(access: Access, kafka: Kafka) -> Admin:
    return Admin(admins.AdminClient(dict(kafka.client)), access.since)


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


def _authorize(admin: Admin, ask: Callable[[float], Mapping[Any, Future[Any]]]) -> None:
    if admin.wait(ask, passing=NO_AUTHORIZER):
        log.warning("the broker has no authorizer; everybody may read what partners are sent")


def _words(error: Exception) -> str:
    match error:
        case TopicsMissing():
            return "its topics are not made yet"
        case TooLate() | TimeoutError():
            return f"Kafka did not answer within {ACT_SECONDS:.0f} seconds"
        case KafkaException():
            return f"Kafka answers {error.args[0].name()}"
        case _:
            return f"Kafka could not be asked: {type(error).__name__}"
