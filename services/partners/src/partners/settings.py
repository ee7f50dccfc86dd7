"""What partners reads from its environment."""

from pathlib import Path
from typing import Any

from chassis.config import ServiceSettings, read_secret
from pydantic import Field


class Settings(ServiceSettings):
    """The file of the master keys, newest first, whose last line makes the pseudonyms and stays.

    `kafka_access`: whether this service makes partners' topics, users and ACLs. `partner_bytes_per_second` is how much
    a partner may read of each broker.
    """

    partner_key_file: Path
    kafka_access: bool = True
    partner_bytes_per_second: int = Field(default=1_048_576, ge=1024)

    @property
    def client(self) -> dict[str, Any]:
        """How librdkafka reaches Kafka."""
        options: dict[str, Any] = {"bootstrap.servers": self.kafka_bootstrap_servers}
        transport = "SSL" if self.kafka_tls else "PLAINTEXT"
        options["security.protocol"] = f"SASL_{transport}" if self.kafka_user else transport
        if self.kafka_user and self.kafka_password_file:
            options["sasl.mechanism"] = self.kafka_mechanism
            options["sasl.username"] = self.kafka_user
            options["sasl.password"] = read_secret(self.kafka_password_file)
        files = {"ssl.ca.location": self.kafka_ca_file, "ssl.certificate.location": self.kafka_cert_file}
        files["ssl.key.location"] = self.kafka_key_file or self.kafka_cert_file
        return options | {name: str(file) for name, file in files.items() if file is not None}
