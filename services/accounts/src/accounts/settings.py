"""What accounts reads from its environment."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from chassis.config import ServiceSettings
from pages.addresses import AccountsPages
from pydantic import Field, field_validator, model_validator

from accounts.domain.authorization import HOST, Workcenter, is_of_this_machine, name_of

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _separate(origins: str) -> tuple[str, ...]:
    return tuple(origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip())


class Settings(ServiceSettings):
    """Where the master key is, how one may sign in, how often one network address may try what can be guessed.

    Within a day so many accounts may be opened from one network, and for one mailbox, which may have several addresses.
    A service may ask for so many subjects' keys a minute at each replica. `accounts_pages_url` is where browsers find
    the pages of accounts, with `{host}` for the name of each shop; they come there through `page_proxies` proxies, if
    not through as many as everybody else.
    `address_confirmation` says whether customers confirm their e-mail address before anything else; where it is
    `optional`, whoever embeds accounts sees to that. `passkey_origins` are separated by commas, and so are
    `workcenter_origins`, where staff work and are led back to. Staff need a second factor unless it is said to be
    optional, or all of this runs on one machine.
    """

    master_key_file: Path
    storefront_url: str | None = None
    passkey_origins: str = ""
    relying_party_id: str = ""
    address_confirmation: Literal["required", "optional"] = "required"
    staff_second_factor: Literal["optional", "required"] | None = None
    sign_ins_per_minute: int = 60
    registrations_per_minute: int = 20
    registrations_per_day: int = 200
    registrations_per_mailbox: int = 5
    refreshes_per_minute: int = 120
    accounts_pages_url: str = ""
    workcenter_origins: str = ""
    page_proxies: int | None = Field(default=None, ge=0)
    keys_per_minute: int = Field(default=30_000, ge=500)

    @property
    def staff_need_second_factor(self) -> bool:
        """Return whether staff may do nothing without a second factor."""
        if self.staff_second_factor is None:
            return urlsplit(self.public_url).hostname not in LOOPBACK
        return self.staff_second_factor == "required"

    @property
    def pages(self) -> AccountsPages:
        """Return where browsers find the pages of accounts; raises ValueError."""
        return AccountsPages.read(self.accounts_pages_url, self.public_url, self.public_url)

    @property
    def workcenter(self) -> Workcenter:
        """Return where staff work."""
        return Workcenter(_separate(self.workcenter_origins))

    @property
    def proxies_of_pages(self) -> int:
        """Return through how many proxies browsers come to the pages."""
        return self.trusted_proxies if self.page_proxies is None else self.page_proxies

    @property
    def page_origins(self) -> tuple[str, ...]:
        """Return the origins of the pages on which passkeys are used: those named, else the storefront's."""
        named = _separate(self.passkey_origins)
        if named:
            return named
        parts = urlsplit(self.storefront_url or self.public_url)
        return (f"{parts.scheme}://{parts.netloc}",)

    @property
    def relying_party(self) -> str:
        """Return the domain of the passkeys: the one named, else the host of the first origin (WebAuthn, 5.1.2)."""
        return self.relying_party_id or urlsplit(self.page_origins[0]).hostname or ""

    @field_validator("accounts_pages_url")
    @classmethod
    def _of_pages(cls, form: str) -> str:
        if form:
            AccountsPages.read(form, "", "")
        return form

    @field_validator("workcenter_origins")
    @classmethod
    def _origins_of_staff(cls, text: str) -> str:
        for origin in _separate(text):
            host = origin.partition("://")[2]
            safe = origin.startswith("https://") or is_of_this_machine(name_of(host))
            if not origin.startswith(("https://", "http://")) or HOST.fullmatch(host) is None or not safe:
                raise ValueError("each is like  https://work.example  without a path; http:// is for one machine")
        return text

    @model_validator(mode="after")
    def _passkeys_can_be_used(self) -> Self:
        domain = self.relying_party
        hosts = [urlsplit(origin).hostname or "" for origin in self.page_origins]
        if not domain or not all(f".{host}".endswith(f".{domain}") for host in hosts):
            raise ValueError("every origin of PASSKEY_ORIGINS lies within the domain RELYING_PARTY_ID")
        return self
