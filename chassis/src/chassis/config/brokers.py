"""How to reach Kafka: servers, credentials (name and password, a certificate, or none) and TLS."""

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # whoever only reads settings should not wait for it
    from faststream.security import BaseSecurity

Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class Brokers:
    """Kafka's bootstrap servers and how to connect: in clear text without `tls`, without SASL where `user` is empty."""

    servers: list[str]
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    tls: ssl.SSLContext | None = None

    @property
    def options(self) -> dict[str, Any]:
        """The connection options of aiokafka's clients."""
        protocol = "SSL" if self.tls is not None else "PLAINTEXT"
        # as a list: a single string with commas is taken as one host by some of them
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security_protocol": protocol}
        if self.tls is not None:
            options["ssl_context"] = self.tls
        if self.user:
            options["security_protocol"] = f"SASL_{protocol}"
            options["sasl_mechanism"] = self.mechanism
            options["sasl_plain_username"] = self.user
            options["sasl_plain_password"] = self.password
        return options

    @property
    def security(self) -> "BaseSecurity":
        """The same as FastStream's security object."""
        from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

        sasl = {"SCRAM-SHA-512": SASLScram512, "SCRAM-SHA-256": SASLScram256, "PLAIN": SASLPlaintext}
        encrypted = self.tls is not None
        if self.user:
            return sasl[self.mechanism](self.user, self.password, ssl_context=self.tls, use_ssl=encrypted)
        return BaseSecurity(ssl_context=self.tls, use_ssl=encrypted)
