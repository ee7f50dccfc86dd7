"""What mail-relay reads from its environment."""

import re
import ssl
from collections.abc import Mapping, Sequence
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from ssl import SSLContext
from typing import Literal

from chassis.config import ServiceSettings, read_secret, read_secrets, require_small
from contracts.emails import EmailAddress, EmailMalformed
from mailing.envelope import Envelopes
from mailing.keys import KeyDirectory
from mailing.signing import Signer
from pydantic import Field, ValidationInfo, field_validator

from mail_relay.clients.judging import OwnDomains
from mail_relay.clients.scanning import Scanner
from mail_relay.domain.alias import Domains
from mail_relay.domain.client import Network
from mail_relay.domain.retention import Retention
from mail_relay.usecases.checkpointing import ArchiveKeys

DOMAIN = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})+")


class Settings(ServiceSettings):
    """The domains of the aliases, the door at which mail comes in, the server that takes what goes out, and the store.

    `tenant_domains` are those of tenants with a brand of their own: `lumen=mail.lumen.example`, by commas.
    `smtp_...` is the next server; `smtp_tls`: `starttls` insists on it, `implicit` speaks TLS from the first byte,
    `none` is for local stacks. `door_...` is the door; without a certificate it offers no STARTTLS. `door_edges`
    are the addresses or networks, by commas, of mail servers in front of it: they are believed who their clients
    are (XFORWARD), and speak LMTP at `lmtp_port`. What leaves is signed with the keys of `dkim_directory` unless
    the next server signs. `bounce_key_file` has the secret of the envelope senders, or two while it is exchanged.
    `storage_url` is `file:///directory` or `s3://bucket/prefix`, `storage_secret_file` for the latter, as of delivery.
    `keep_...` is how long what people write is kept (`Retention`). `archive_key_file` has the keys that sign the
    archive, one a line, the newest first. `dns_servers` are asked instead of the system's, and `own_domains` are the
    platform's beside the aliases' one, both by commas. `arc_sealers` are domains, by commas, of forwarders and lists
    that are believed what they have found of a message before they changed it (ARC, RFC 8617). `postmaster` is the
    operator's address, which gets what is written to postmaster@ and abuse@ of the aliases' domains; without it these
    are refused.
    """

    alias_domain: str
    tenant_domains: str = ""
    smtp_host: str
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "implicit", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_connections: int = Field(default=20, ge=1, le=200)
    smtp_timeout_seconds: float = Field(default=30, gt=0, le=600)
    door_host: str = "127.0.0.1"
    door_port: int = 2525
    door_cert_file: Path | None = None
    door_key_file: Path | None = None
    door_edges: str = ""
    lmtp_port: int | None = None
    door_connections: int = Field(default=500, ge=1)
    door_connections_per_address: int = Field(default=50, ge=1)
    alias_messages_per_minute: int = Field(default=10, ge=1)
    conversation_messages_per_hour: int = Field(default=60, ge=1)
    largest_message_bytes: int = Field(default=10 * 2**20, ge=10_000)
    bounce_key_file: Path
    archive_key_file: Path
    dkim_directory: Path | None = None
    storage_url: str = Field(pattern=r"^(file:///|s3://)")
    storage_secret_file: Path | None = None
    keep_letters_years: int = Field(default=6, ge=1, le=30)
    keep_first_contacts_days: int = Field(default=365, ge=1)
    keep_refused_days: int = Field(default=90, ge=1)
    keep_index_years: int = Field(default=10, ge=1, le=40)
    dns_servers: str = ""
    own_domains: str = ""
    arc_sealers: str = ""
    postmaster: str = ""
    clamd_url: str = Field(default="", pattern=r"^(|unix:///.+|tcp://[^/:]+:[0-9]+)$")
    dns_port: int = 53

    @field_validator("smtp_user")
    @classmethod
    def _not_in_clear(cls, user: str, known: ValidationInfo) -> str:
        if user and known.data.get("smtp_tls") == "none":
            raise ValueError("the password would travel in clear: SMTP_TLS is starttls or implicit where one is sent")
        return user

    @field_validator("door_edges")
    @classmethod
    def _of_addresses(cls, edges: str) -> str:
        _networks(edges)
        return edges

    @field_validator("postmaster")
    @classmethod
    def _elsewhere(cls, address: str, known: ValidationInfo) -> str:
        if not address:
            return ""
        try:
            found = EmailAddress.read(address)
        except EmailMalformed:
            raise ValueError("POSTMASTER is an e-mail address") from None
        if found.domain in {known.data.get("alias_domain"), *_pairs(known.data.get("tenant_domains", "")).values()}:
            raise ValueError("POSTMASTER stands at no domain of the aliases: it would be written to in a circle")
        return str(found)

    @field_validator("alias_domain")
    @classmethod
    def _a_domain(cls, name: str) -> str:
        if DOMAIN.fullmatch(name) is None:
            raise ValueError("ALIAS_DOMAIN is a domain in ASCII and lower case, such as mail.shop.example")
        return name

    @field_validator("tenant_domains")
    @classmethod
    def _domains(cls, text: str) -> str:
        if any(DOMAIN.fullmatch(name) is None for name in _pairs(text).values()):
            raise ValueError("TENANT_DOMAINS is like lumen=mail.lumen.example,acme=post.acme.example")
        return text

    @property
    def domains(self) -> Domains:
        """The domains of the aliases."""
        return Domains(self.alias_domain, _pairs(self.tenant_domains))

    @property
    def scanner(self) -> Scanner | None:
        """Who looks for malware, None where there is no clamd."""
        return Scanner(self.clamd_url) if self.clamd_url else None

    @property
    def storage_secret(self) -> str | None:
        """The secret of the S3 store's user."""
        return read_secret(self.storage_secret_file) if self.storage_secret_file else None

    @property
    def ours(self) -> OwnDomains:
        """The domains of the platform."""
        return OwnDomains(_names(self.own_domains))

    @property
    def sealers(self) -> frozenset[str]:
        """Whose chains of ARC are believed."""
        return _names(self.arc_sealers)

    @property
    def edges(self) -> tuple[Network, ...]:
        """The mail servers in front of the door."""
        return _networks(self.door_edges)

    @property
    def dkim(self) -> KeyDirectory | None:
        """The keys that sign what leaves, the same for all domains."""
        return KeyDirectory(self.dkim_directory, self.alias_domain) if self.dkim_directory else None

    @property
    def signers(self) -> Mapping[str, Sequence[Signer]]:
        """Who signs what leaves from each domain. Raises UnusableKey."""
        if self.dkim_directory is None:
            return {}
        return {name: KeyDirectory(self.dkim_directory, name).signers for name in self.domains.names}

    @property
    def name_servers(self) -> list[str]:
        """The name servers that are asked instead of the system's."""
        return [one.strip() for one in self.dns_servers.split(",") if one.strip()]

    @property
    def envelopes(self) -> Envelopes:
        """The envelope senders, signed with the first secret of the file; those of the second are still read."""
        return Envelopes(self.alias_domain, [secret.encode() for secret in read_secrets(self.bounce_key_file)])

    @property
    def retention(self) -> Retention:
        """How long what people write is kept."""
        first_contacts, refused = (
            timedelta(days=days) for days in (self.keep_first_contacts_days, self.keep_refused_days)
        )
        return Retention(self.keep_letters_years, first_contacts, refused, self.keep_index_years)

    @property
    def archive_keys(self) -> ArchiveKeys:
        """The keys that sign the archive. Raises ValueError."""
        return ArchiveKeys(read_secret(self.archive_key_file).split())

    @property
    def door_tls(self) -> SSLContext | None:
        """What STARTTLS begins at the door, None where there is no certificate."""
        if self.door_cert_file is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        for file in (self.door_cert_file, self.door_key_file or self.door_cert_file):
            require_small(file)
        context.load_cert_chain(self.door_cert_file, self.door_key_file, password="")
        return context

    @property
    def smtp_password(self) -> str:
        """The password for `smtp_user`."""
        return read_secret(self.smtp_password_file) if self.smtp_password_file else ""


def _pairs(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split(",") if one.strip())
    return {tenant.strip(): name.strip() for tenant, _, name in pairs}


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in text.split(",") if name.strip())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
