"""What Kontor needs of a broker that somebody runs: its topics, a user for each service, and what each user may do."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import confluent_kafka.admin
import typer
from chassis.config import read_secret
from chassis.publishing import Right, rights
from chassis.service import Service
from confluent_kafka import KafkaError, KafkaException
from contracts.topics import SERVICES, topics
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from kontor.secrets import READER

ITERATIONS = 8192
api: Any = confluent_kafka.admin  # its types are partly unknown, and most of its names count as private
KINDS = {"topic": api.ResourceType.TOPIC, "group": api.ResourceType.GROUP, "cluster": api.ResourceType.BROKER}
OPERATIONS = {
    "Read": api.AclOperation.READ,
    "Write": api.AclOperation.WRITE,
    "Create": api.AclOperation.CREATE,
    "Alter": api.AclOperation.ALTER,
    "AlterConfigs": api.AclOperation.ALTER_CONFIGS,
}
# retention and ages go by the brokers' clock, whatever a producer's shows
BY_THE_BROKERS_CLOCK = {"message.timestamp.type": "LogAppendTime"}


class BrokerSettings(BaseSettings):
    """How an administrator reaches the broker, by the variables that services have, and how topics are made there.

    `kafka_wait_seconds` is how long the broker may be away. `topic_partitions` counts for topics that are made.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kafka_bootstrap_servers: str
    kafka_user: str = ""
    kafka_password_file: Path | None = None
    kafka_mechanism: str = "SCRAM-SHA-512"
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None
    kafka_wait_seconds: float = Field(default=60, ge=1)
    topic_prefix: str = ""
    topic_partitions: int = Field(default=3, ge=1)
    topic_replicas: int = Field(default=1, ge=1)

    @property
    def client(self) -> dict[str, Any]:
        """The settings of a client of librdkafka."""
        transport = "SSL" if self.kafka_tls else "PLAINTEXT"
        found: dict[str, Any] = {
            "bootstrap.servers": self.kafka_bootstrap_servers,
            "security.protocol": f"SASL_{transport}" if self.kafka_user else transport,
            "log_level": 2,  # what fails is told in a sentence
        }
        if self.kafka_ca_file is not None:
            found["ssl.ca.location"] = str(self.kafka_ca_file)
        if self.kafka_user:
            password = read_secret(self.kafka_password_file) if self.kafka_password_file else ""
            found |= {
                "sasl.mechanisms": self.kafka_mechanism,
                "sasl.username": self.kafka_user,
                "sasl.password": password,
            }
        return found


def prepare(settings: BrokerSettings, services: Iterable[Service[Any]], passwords: Path | None) -> Iterator[str]:
    """Make topics that are missing, and users and rights that are; yield in a sentence what was done.

    Rights are for users named like the services, however they log in. Users are made where there are `passwords`: a
    directory with a file of each service's name, and one of the reader's where somebody may read all.
    Raises KafkaException.
    """
    client = api.AdminClient(settings.client)
    wait = settings.kafka_wait_seconds
    existing = client.list_topics(timeout=wait).topics
    missing = [topic for topic in topics() if f"{settings.topic_prefix}{topic.name}" not in existing]
    made = [
        api.NewTopic(
            f"{settings.topic_prefix}{topic.name}",
            settings.topic_partitions,
            settings.topic_replicas,
            config={"retention.ms": str(topic.retention_ms)} | BY_THE_BROKERS_CLOCK,
        )
        for topic in missing
    ]
    if made:
        _settle(client.create_topics(made, request_timeout=wait), KafkaError.TOPIC_ALREADY_EXISTS)
    yield f"{len(made)} topics made, {len(topics()) - len(made)} were there"
    readers = [READER] if passwords is not None and (passwords / READER).exists() else []
    if passwords is not None:
        users = [_user(name, read_secret(passwords / name)) for name in (*SERVICES, *readers)]
        _settle(client.alter_user_scram_credentials(users, request_timeout=wait))
        yield f"{len(users)} users have the passwords of {passwords}"
    allowed = [
        _acl(service.name, right, name)
        for service in services
        for right in rights(service.name, settings.topic_prefix, service.reactions.topics)
        for name in right.names
    ]
    allowed += [_acl(reader, Right("Read", of, ("*",)), "*") for reader in readers for of in ("topic", "group")]
    try:
        _settle(client.create_acls(allowed, request_timeout=wait))
    except KafkaException as error:
        if error.args[0].code() != KafkaError.SECURITY_DISABLED:
            raise
        yield "no rights are granted, for this Kafka asks for none: it has no authorizer"
        return
    yield f"{len(allowed)} rights are granted"


def _user(name: str, password: str) -> Any:
    info = api.ScramCredentialInfo(api.ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    return api.UserScramCredentialUpsertion(name, info, password.encode())


def _acl(service: str, right: Right, name: str) -> Any:
    kind, may = KINDS[right.of], OPERATIONS[right.operation]
    pattern = api.ResourcePatternType.PREFIXED if right.prefixed else api.ResourcePatternType.LITERAL
    return api.AclBinding(kind, name, pattern, f"User:{service}", "*", may, api.AclPermissionType.ALLOW)


def _settle(futures: dict[Any, Any], but: int | None = None) -> None:
    for future in futures.values():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != but:
                raise


def refused(error: KafkaException) -> typer.Exit:
    """Say why the broker could not be prepared."""
    typer.echo(f"Kafka refuses, or cannot be reached: {error.args[0].str()}", err=True)
    return typer.Exit(1)
