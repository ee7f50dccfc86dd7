"""The settings that every service reads from its environment."""

import errno
import ipaddress
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.config.brokers import Brokers, Mechanism
from chassis.config.files import read_small, require_small

MOST_SECRETS = 2
MOST_PORT = 65_535
_HOST = r"(?:[\w.%-]*|\[[0-9a-fA-F:.%]+\])(?::[0-9]{1,5})?"
HOSTS = re.compile(rf"{_HOST}(?:\s*,\s*{_HOST})*")
# what comes before the hosts, and after them
DATABASE = re.compile(r"postgres(?:ql)?://(?:[!$-.0->A-~]*@)?([^@/?#]*)(?:/[!->@-~]*)?(?:\?[!-~]*)?")
DATABASE_FORM = "it is like  postgresql://USER@HOST:5432/DATABASE; the password may stand in a file of its own"
# As browsers send it: lower case, a port only where it is not the scheme's own.
ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?")

# Kubernetes tells each pod where a service `smtp` is by SMTP_PORT=tcp://10.0.0.1:25, where nobody sets that variable.
SERVICE_LINK = re.compile(r"(tcp|udp|sctp)://.*")


class ServiceSettings(BaseSettings):
    """The settings that all services have; each service adds its own as fields of a subclass.

    Secrets come from files, whose paths stand in the environment (`..._FILE`). `session_seconds` is how long a replica
    that died holds its partitions: shorter recovers sooner, longer forgives a busy machine. `parting_seconds` is how
    long clients are told with each answer, at a stop, that their connection ends: those that then rest are cut.
    `traces_sampled` is the share of new traces whose spans are recorded. `database_wait_seconds` is how long a request
    waits for a connection to the database before it is answered 503.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    http_in_clear: bool = False
    database_url: str
    database_password_file: Path | None = None
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
    http_port: int = Field(default=8080, ge=0, le=MOST_PORT)
    http_cert_file: Path | None = None
    http_key_file: Path | None = None
    http_ca_file: Path | None = None
    admin_host: str = "127.0.0.1"
    admin_port: int = Field(default=8081, ge=0, le=MOST_PORT)
    cors_origins: str = ""
    http_connections: int = Field(default=10_000, ge=1)
    http_connections_per_address: int = Field(default=1_000, ge=1)
    topic_prefix: str = ""
    effects_since: AwareDatetime | None = None
    database_connections: int = 10
    database_wait_seconds: float = Field(default=2.0, gt=0)
    session_seconds: float = 10.0
    parting_seconds: float = Field(default=3.0, ge=0, le=20)
    clock_file: Path | None = None
    spans_file: Path | None = None
    otel_exporter_otlp_endpoint: str | None = None
    traces_sampled: float = Field(default=0.1, ge=0, le=1)
    log_level: str = "INFO"
    trusted_proxies: int = 0

    @model_validator(mode="before")
    @classmethod
    def _without_service_links(cls, given: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in given.items()
            if not (name.endswith("_port") and SERVICE_LINK.fullmatch(str(value)))
        }

    @field_validator("database_url")
    @classmethod
    def _of_a_database(cls, url: str) -> str:
        if not is_database(url):
            raise ValueError(DATABASE_FORM)
        return url

    @field_validator("kafka_bootstrap_servers")
    @classmethod
    def _of_brokers(cls, servers: str) -> str:
        if not are_hosts(servers):
            raise ValueError("it is like  HOST:9092,HOST:9092")
        return servers

    @field_validator("accounts_url", "public_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("accounts_url", "provider_url", check_fields=False)
    @classmethod
    def _over_tls(cls, url: str, known: ValidationInfo) -> str:
        try:
            in_clear = is_in_clear(url)
        except ValueError:  # what it says quotes the address
            raise ValueError("this is no address") from None
        if in_clear and not known.data.get("http_in_clear"):
            raise ValueError("keys and tokens would travel in clear: take https://, or say HTTP_IN_CLEAR=true")
        return url

    @field_validator("database_password_file")
    @classmethod
    def _for_a_user(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        address = urlsplit(str(known.data.get("database_url", "postgresql://USER@HOST")))
        if file is not None and (address.username is None or address.password is not None):
            raise ValueError("DATABASE_URL names a user, and no password of its own")
        return file

    @field_validator("http_key_file")
    @classmethod
    def _for_a_certificate(cls, file: Path | None, known: ValidationInfo) -> Path | None:
        if file is not None and known.data.get("http_cert_file") is None:
            raise ValueError("a key needs its certificate, HTTP_CERT_FILE")
        return file

    @field_validator("cors_origins")
    @classmethod
    def _named_origins(cls, origins: str) -> str:
        if any(ORIGIN.fullmatch(origin) is None for origin in _named(origins)):
            raise ValueError("name each origin, such as https://shop.example, and none by a pattern")
        return origins

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
    def dsn(self) -> str:
        """The address of the database with the password of its file."""
        if self.database_password_file is None:
            return self.database_url
        address = urlsplit(self.database_url)
        user, _, host = address.netloc.rpartition("@")
        password = quote(read_secret(self.database_password_file), safe="")
        return urlunsplit(address._replace(netloc=f"{user}:{password}@{host}"))

    @property
    def trust(self) -> ssl.SSLContext | Literal[True]:
        """Whose certificates other services may show: those of the system's authorities, and of HTTP_CA_FILE."""
        if self.http_ca_file is None:
            return True
        context = ssl.create_default_context()
        require_small(self.http_ca_file)
        context.load_verify_locations(self.http_ca_file)
        return context

    @property
    def brokers(self) -> Brokers:
        """How this service reaches Kafka."""
        servers = _named(self.kafka_bootstrap_servers)
        password = read_secret(self.kafka_password_file) if self.kafka_password_file else ""
        return Brokers(servers, self.kafka_user, password, self.kafka_mechanism, self._tls())

    @property
    def origins(self) -> frozenset[str]:
        """The origins whose pages may call this service from a browser."""
        return frozenset(_named(self.cors_origins))

    def _tls(self) -> ssl.SSLContext | None:
        if not self.kafka_tls:
            return None
        for file in (self.kafka_ca_file, self.kafka_cert_file, self.kafka_key_file):
            if file is not None:
                require_small(file)
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


def read_secrets(file: Path, read: Callable[[Path], bytes] = read_small) -> tuple[str, ...]:
    """Return the secrets of a file, one or two lines, the one in use first; raises ValueError for none or more."""
    lines = tuple(line.strip() for line in read_secret(file, read).splitlines() if line.strip())
    if not 1 <= len(lines) <= MOST_SECRETS or len(set(lines)) < len(lines):
        raise ValueError(f"{file.name} has one secret, or two different ones, a line each, while they are exchanged")
    return lines


def is_database(url: str) -> bool:
    """Return whether this is the address of a database; what others say of one that is none may quote a password."""
    found = DATABASE.fullmatch(url)
    return found is not None and are_hosts(found[1])


def are_hosts(hosts: str) -> bool:
    """Return whether these are hosts, each with a port or without, commas between them."""
    ports = re.findall(r":([0-9]+)\s*(?:,|$)", hosts)
    return HOSTS.fullmatch(hosts.strip()) is not None and all(int(port) <= MOST_PORT for port in ports)


def is_in_clear(url: str) -> bool:
    """Return whether what is sent to an address can be read on the way: without TLS, and beyond this machine."""
    address = urlsplit(url)
    if address.scheme != "http" or address.hostname == "localhost":
        return False
    try:
        return not ipaddress.ip_address(address.hostname or "").is_loopback
    except ValueError:
        return True


def _named(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def read_secret(file: Path, read: Callable[[Path], bytes] = read_small) -> str:
    """Return the content of a secret's file without the white space around it.

    Raises OSError where it cannot be read, is no ordinary file, no text, or empty: no password may be nothing.
    """
    try:
        secret = read(file).decode().strip()
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "This is no text", str(file)) from None
    if not secret:
        raise OSError(errno.ENODATA, "The file is empty", str(file))
    return secret
