"""What storefront reads from its environment."""

from datetime import timedelta

from pages.addresses import AccountsPages
from pages.settings import PageSettings
from pydantic import Field, field_validator


class Settings(PageSettings):
    """Where the services are that the pages ask, and how long a session may last.

    A service without an address is not part of the installation, and its pages are not shown. `downloads_url` is
    where browsers fetch files, if they do not reach delivery at `delivery_url`; `accounts_pages_url` is where they find
    the pages of accounts, with `{host}` for the name of each shop.
    """

    catalog_url: str
    payments_url: str
    downloads_url: str = ""
    accounts_pages_url: str = ""
    session_days: int = Field(default=30, ge=1, le=365)

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
    def session_lifetime(self) -> timedelta:
        """How long a session lasts at most, however often it is used."""
        return timedelta(days=self.session_days)
