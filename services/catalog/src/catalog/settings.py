"""What catalog reads from its environment."""

from chassis.config import ServiceSettings


class Settings(ServiceSettings):
    """Catalog needs nothing beyond what every service has."""
