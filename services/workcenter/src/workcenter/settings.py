"""What workcenter reads from its environment."""

from datetime import timedelta

from pages.settings import PageSettings
from pydantic import Field


class Settings(PageSettings):
    """Where the services are that the pages ask, and how long a session may last.

    A service without an address is not part of the installation, and its pages are not shown. Staff of `tenant` sign in
    here; where it is empty they name their tenant.
    """

    catalog_url: str = ""
    payments_url: str = ""
    letters_url: str = ""
    partners_url: str = ""
    storefront_url: str = ""
    tenant: str = ""
    session_hours: int = Field(default=12, ge=1, le=72)

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most, however often it is used."""
        return timedelta(hours=self.session_hours)
