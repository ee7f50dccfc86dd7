from datetime import timedelta

from chassis.config.settings import ServiceSettings


class Settings(ServiceSettings):
    """How often the probe's sweep looks."""

    look_every_ms: int = 60_000

    @property
    def look_every(self) -> timedelta:
        return timedelta(milliseconds=self.look_every_ms)
