"""What licensing reads from its environment."""

from pathlib import Path

from chassis.config import ServiceSettings


class Settings(ServiceSettings):
    """The file of the master keys, newest first, whose last line stays; how many validations there may be a minute.

    For each network, whatever it asks; in total only those with wrong keys (F-L09).
    """

    license_key_file: Path
    validations_per_minute: int = 60
    validations_per_minute_in_total: int = 6000
