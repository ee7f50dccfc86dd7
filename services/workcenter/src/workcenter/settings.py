"""What workcenter reads from its environment."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.config import ServiceSettings
from pydantic import Field


class Settings(ServiceSettings):
    """Where the services are that the pages ask, and how long a session may last.

    A service without an address is not part of the installation, and its pages are not shown. Staff of `tenant` sign in
    here; where it is empty they name their tenant.
    """

    orders_url: str
    catalog_url: str = ""
    payments_url: str = ""
    delivery_url: str = ""
    letters_url: str = ""
    partners_url: str = ""
    licensing_url: str = ""
    rewards_url: str = ""
    mail_relay_url: str = ""
    tenant: str = ""
    session_hours: int = Field(default=12, ge=1, le=72)
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
            "letters": self.letters_url,
            "partners": self.partners_url,
            "licensing": self.licensing_url,
            "rewards": self.rewards_url,
            "mail-relay": self.mail_relay_url,
        }

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most, however often it is used."""
        return timedelta(hours=self.session_hours)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what people read."""
        return ZoneInfo(self.time_zone)
