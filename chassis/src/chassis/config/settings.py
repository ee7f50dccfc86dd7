"""The settings that every service reads from its environment."""

import ssl
from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.config.brokers import Brokers, Mechanism

MOST_SECRETS = 2


class ServiceSettings(BaseSettings):
    """The settings that all services have; each service adds its own as fields of a subclass.

    Secrets come from files, whose paths stand in the environment (`..._FILE`). `session_seconds` is how long a replica
    that died holds its partitions: shorter recovers sooner, longer forgives a busy machine. `traces_sampled` is the
    share of new traces whose spans are recorded.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str
    kafka_bootstrap_servers: str
    kafka_tls: bool = False
    kafka_ca_file: Path | None = None
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_user: str = ""
    kafka_password_file: Path | None = Field(default=None, validate_default=True)
    accounts_url: str
    public_url: str
    service_secret_file: Path
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    admin_host: str = "127.0.0.1"
    admin_port: int = 8081
    http_connections: int = Field(default=10_000, ge=1)
    http_connections_per_address: int = Field(default=1_000, ge=1)
    topic_prefix: str = ""
    effects_since: AwareDatetime | None = None
    database_connections: int = 10
    session_seconds: float = 10.0
    clock_file: Path | None = None
    spans_file: Path | None = None
    otel_exporter_otlp_endpoint: str | None = None
    traces_sampled: float = Field(default=0.1, ge=0, le=1)
    log_level: str = "INFO"
    trusted_proxies: int = 0

    @field_validator("accounts_url", "public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("kafka_ca_file", "kafka_cert_file")
    @classmethod
    def _for_tls(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        if file is not None and not known.data.get("kafka_tls"):
            raise ValueError("it is of use with KAFKA_TLS only; without, the brokers are spoken to in clear")
        return file

    @field_validator("kafka_key_file")
    @classmethod
    def _for_the_certificate(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        if file is not None and known.data.get("kafka_cert_file") is None:
            raise ValueError("a key needs its certificate, KAFKA_CERT_FILE")
        return file

    @field_validator("kafka_user")
    @classmethod
    def _not_in_clear(cls, user: str, known: ValidationInfo) -> str:
        if user and known.data.get("kafka_mechanism") == "PLAIN" and not known.data.get("kafka_tls"):
            raise ValueError("the mechanism PLAIN sends the password in clear: set KAFKA_TLS, or use SCRAM")
        return user

    @field_validator("kafka_password_file")
    @classmethod
    def _for_the_user(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        if (file is None) is bool(known.data.get("kafka_user")):
            raise ValueError("KAFKA_USER and KAFKA_PASSWORD_FILE go together")
        return file

    @property
    def brokers(self) -> Brokers:
        """How this service reaches Kafka."""
        servers = [server.strip() for server in self.kafka_bootstrap_servers.split(",") if server.strip()]
        password = read_secret(self.kafka_password_file) if self.kafka_password_file else ""
        return Brokers(servers, self.kafka_user, password, self.kafka_mechanism, self._tls())

    def _tls(self) -> ssl.SSLContext | None:
        if not self.kafka_tls:
            return None
        context = ssl.create_default_context(cafile=self.kafka_ca_file)
        if self.kafka_cert_file is not None:
            context.load_cert_chain(self.kafka_cert_file, self.kafka_key_file)
        return context

    @property
    def service_secrets(self) -> tuple[str, ...]:
        """The credentials with which this service asks accounts for its token: two while they are exchanged.

        The first is used, the other where accounts does not know the first yet; raises ValueError for none or more.
        """
        return read_secrets(self.service_secret_file)


def read_secrets(file: Path) -> tuple[str, ...]:
    """Return the secrets of a file, one or two lines, the one in use first; raises ValueError for none or more."""
    lines = tuple(line.strip() for line in file.read_text().splitlines() if line.strip())
    if not 1 <= len(lines) <= MOST_SECRETS or len(set(lines)) < len(lines):
        raise ValueError(f"{file.name} has one secret, or two different ones, a line each, while they are exchanged")
    return lines


def read_secret(file: Path) -> str:
    """Return the content of a secret's file without the white space around it."""
    return file.read_text().strip()
