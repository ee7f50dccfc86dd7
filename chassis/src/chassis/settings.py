"""What every service reads from its environment."""

from pathlib import Path

from pydantic import AwareDatetime, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """The settings all services have; each service adds its own as fields of a subclass.

    Secrets come from files, whose paths stand in the environment (`..._FILE`). `session_seconds` is how long a replica
    that died holds its partitions: shorter recovers sooner, longer forgives a busy machine.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str
    kafka: str
    accounts_url: str
    public_url: str
    service_secret_file: Path
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    topic_prefix: str = ""
    effects_since: AwareDatetime | None = None
    database_connections: int = 10
    session_seconds: float = 10.0
    clock_file: Path | None = None
    spans_file: Path | None = None
    otlp_endpoint: str | None = None
    log_level: str = "INFO"
    trusted_proxies: int = 0

    @field_validator("accounts_url", "public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @property
    def brokers(self) -> list[str]:
        """The bootstrap servers as a list: a single string with commas is taken as one host."""
        return [server.strip() for server in self.kafka.split(",") if server.strip()]

    @property
    def service_secret(self) -> str:
        """The credential with which this service asks accounts for its token."""
        return read_secret(self.service_secret_file)


def read_secret(file: Path) -> str:
    """The content of a secret's file without the newline at its end."""
    return file.read_text().strip()
