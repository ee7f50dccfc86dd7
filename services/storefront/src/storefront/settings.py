"""What storefront reads from its environment."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.config import ServiceSettings
from pydantic import Field


class Settings(ServiceSettings):
    """Where the services are that the pages ask, and how long a session may last.

    A service without an address is not part of the installation, and its pages are not shown. `downloads_url` is
    where browsers fetch files, if they do not reach delivery at `delivery_url`.
    """

    catalog_url: str
    orders_url: str
    payments_url: str
    delivery_url: str = ""
    downloads_url: str = ""
    licensing_url: str = ""
    rewards_url: str = ""
    mail_relay_url: str = ""
    session_days: int = Field(default=30, ge=1, le=365)
    time_zone: str = "Europe/Berlin"

    @property
    def addresses(self) -> dict[str, str]:
        """The services by their names."""
        return {
            "accounts": self.accounts_url,
            "catalog": self.catalog_url,
            "orders": self.orders_url,
            "payments": self.payments_url,
            "delivery": self.delivery_url,
            "licensing": self.licensing_url,
            "rewards": self.rewards_url,
            "mail-relay": self.mail_relay_url,
        }

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most, however often it is used."""
        return timedelta(days=self.session_days)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what people read."""
        return ZoneInfo(self.time_zone)
