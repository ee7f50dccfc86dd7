"""What payments reads from its environment."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from chassis.config import ServiceSettings, read_secret
from pydantic import Field


class Settings(ServiceSettings):
    """Where the provider is, its secrets, and when it is asked about a checkout of which no webhook came.

    `return_origins`, separated by commas, are other shops' origins beside the storefront's: to addresses of these alone
    customers are sent from the hosted page; `https://*.shops.example` stands for the shops at all names of one label
    there, those too that are opened later. One customer may begin so many payments a minute at each replica.
    """

    provider_url: str
    provider_api_key_file: Path
    provider_webhook_secret_file: Path
    provider_methods: str = "card"
    storefront_url: str | None = None
    return_origins: str = ""
    ask_after_seconds: int = 60
    payments_per_minute: int = Field(default=20, ge=1)

    @property
    def provider_api_key(self) -> str:
        """The key with which we call the provider."""
        return read_secret(self.provider_api_key_file)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The keys that sign webhooks, one per line: several while they are exchanged."""
        lines = read_secret(self.provider_webhook_secret_file).splitlines()
        return tuple(line.strip() for line in lines if line.strip())

    @property
    def methods(self) -> tuple[str, ...]:
        """How the hosted page lets customers pay, in the provider's words."""
        return tuple(method.strip() for method in self.provider_methods.split(",") if method.strip())

    @property
    def inquire_after(self) -> timedelta:
        """When a checkout is inquired about for the first time; later it is less and less often."""
        return timedelta(seconds=self.ask_after_seconds)

    @property
    def storefront(self) -> str:
        """Where customers go from the hosted page by default."""
        return (self.storefront_url or self.public_url).rstrip("/")

    @property
    def origins(self) -> frozenset[str]:
        """The origins of all addresses that customers may be sent to."""
        parts = [urlsplit(url.strip()) for url in (self.storefront, *self.return_origins.split(","))]
        return frozenset(f"{part.scheme}://{part.netloc}".lower() for part in parts if part.netloc)
