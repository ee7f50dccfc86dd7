"""What letters reads from its environment."""

from pathlib import Path
from typing import Literal

from chassis.config import ServiceSettings, read_secret, read_secrets
from contracts.emails import EmailAddress
from mailing.envelope import Envelopes
from pydantic import Field, ValidationInfo, field_validator

from letters.domain.sending import Sender


class Settings(ServiceSettings):
    """The server that takes our e-mails, who they are from, and where links lead.

    `letters_per_hour` is how many e-mails one customer gets in an hour; what is more waits.
    `bounce_domain` is where bounces come back to, an address for each e-mail; `bounce_key_file` has the secret of these
    addresses, or two while it is exchanged. Without them what comes back is seen by nobody.
    `mail_domains`, separated by commas, are those that shops may have letters sent from beside that of `mail_from`: a
    shop's own sender at any other is not used, for no server there vouches for us.
    `smtp_tls`: `starttls` insists on it, `implicit` speaks TLS from the first byte, `none` is for local stacks.
    """

    smtp_host: str
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "implicit", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_connections: int = Field(default=20, ge=1, le=200)
    smtp_timeout_seconds: float = Field(default=30, gt=0, le=600)
    letters_per_hour: int = Field(default=60, ge=1)
    mail_from: str
    mail_domains: str = ""
    bounce_domain: str = ""
    bounce_key_file: Path | None = None
    delivery_url: str
    time_zone: str = "Europe/Berlin"

    @field_validator("smtp_user")
    @classmethod
    def _not_in_clear(cls, user: str, known: ValidationInfo) -> str:
        if user and known.data.get("smtp_tls") == "none":
            raise ValueError("the password would travel in clear: SMTP_TLS is starttls or implicit where one is sent")
        return user

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, address: str) -> str:
        # It is the sender of every letter, and not every server takes addresses beyond ASCII.
        sender = str(EmailAddress.read(address))
        if not sender.isascii():
            raise ValueError("MAIL_FROM is an ASCII address such as shop@example.org")
        return sender

    @field_validator("delivery_url")
    @classmethod
    def _without_end(cls, url: str) -> str:
        return url.rstrip("/")

    @property
    def sender(self) -> Sender:
        """From whom letters are, and for which domains they may be sent."""
        more = (domain.strip().lower() for domain in self.mail_domains.split(","))
        return Sender(self.mail_from, frozenset({self.mail_from.rpartition("@")[2], *more} - {""}))

    @property
    def envelopes(self) -> Envelopes | None:
        """The envelope senders, signed with the first secret of the file; None where bounces are not read."""
        if not self.bounce_domain or self.bounce_key_file is None:
            return None
        return Envelopes(self.bounce_domain, [secret.encode() for secret in read_secrets(self.bounce_key_file)])

    @property
    def smtp_password(self) -> str:
        """The password for `smtp_user`."""
        return read_secret(self.smtp_password_file) if self.smtp_password_file else ""
