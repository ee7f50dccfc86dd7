"""What every service of pages reads from its environment."""

from typing import Final
from zoneinfo import ZoneInfo

from chassis.config import ServiceSettings, is_in_clear
from pydantic import ValidationInfo, field_validator

from pages.addresses import AccountsPages

ASKED: Final = (
    "accounts",
    "catalog",
    "orders",
    "payments",
    "delivery",
    "licensing",
    "rewards",
    "letters",
    "mail-relay",
    "partners",
    "storefront",
)


def field_of(service: str) -> str:
    """Return the setting that has the address of a service."""
    return f"{service.replace('-', '_')}_url"


class PageSettings(ServiceSettings):
    """Where the services are that pages ask; one without an address is not part of the installation.

    Passwords and tokens travel there, so that an address beyond this machine without TLS is refused, unless
    HTTP_IN_CLEAR allows it. `accounts_pages_url` is where browsers find the pages of accounts, with `{host}` for the
    name at which they are here.
    """

    orders_url: str
    delivery_url: str = ""
    licensing_url: str = ""
    rewards_url: str = ""
    mail_relay_url: str = ""
    accounts_pages_url: str = ""
    time_zone: str = "Europe/Berlin"

    @field_validator(*(field_of(name) for name in ASKED), check_fields=False)
    @classmethod
    def _asked_over_tls(cls, url: str, known: ValidationInfo) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("it is like  https://orders.example")
        try:
            in_clear = is_in_clear(url)
        except ValueError:  # what it says quotes the address
            raise ValueError("this is no address") from None
        if in_clear and not known.data.get("http_in_clear"):
            raise ValueError("passwords and tokens would travel in clear: take https://, or say HTTP_IN_CLEAR=true")
        return url.rstrip("/")

    @field_validator("accounts_pages_url")
    @classmethod
    def _of_pages(cls, form: str) -> str:
        if form:
            AccountsPages.read(form, "", "")
        return form

    @property
    def accounts_pages(self) -> AccountsPages:
        """Where browsers find the pages of accounts; raises ValueError."""
        return AccountsPages.read(self.accounts_pages_url, self.public_url, self.accounts_url)

    @property
    def addresses(self) -> dict[str, str]:
        """The services by their names."""
        return {name: getattr(self, field_of(name), "") for name in ASKED}

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what people read."""
        return ZoneInfo(self.time_zone)
