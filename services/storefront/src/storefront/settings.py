"""What storefront reads from its environment."""

from datetime import timedelta

from pages.settings import PageSettings
from pydantic import Field


class Settings(PageSettings):
    """Where the services are that the pages ask, and how long a session may last.

    A service without an address is not part of the installation, and its pages are not shown. `downloads_url` is
    where browsers fetch files, if they do not reach delivery at `delivery_url`.
    """

    catalog_url: str
    payments_url: str
    downloads_url: str = ""
    session_days: int = Field(default=30, ge=1, le=365)

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most, however often it is used."""
        return timedelta(days=self.session_days)
