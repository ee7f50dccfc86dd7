"""What is open while partners serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors
from contracts.partner import partner_topics

from partners.clients.access import Kafka
from partners.jobs import JOBS
from partners.messaging import REACTIONS
from partners.settings import Settings
from partners.usecases.vault import Vault
from partners.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the vault, which makes the pseudonyms, and how Kafka is given what partners may do."""
    yield Vault.from_file(settings.partner_key_file)
    yield Kafka(
        settings.kafka_access,
        settings.brokers,
        settings.client,
        settings.topic_prefix,
        {topic.name: topic.retention_ms for topic in partner_topics()},
        settings.partner_bytes_per_second,
    )


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide)
