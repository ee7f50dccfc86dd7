"""What the probe reads from its environment."""

from chassis.config.settings import ServiceSettings


class Settings(ServiceSettings):
    """Whether the probe's sweep goes on at once after each turn."""

    restless: bool = False
