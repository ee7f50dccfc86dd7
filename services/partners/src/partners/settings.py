"""What partners reads from its environment."""

from pathlib import Path

from chassis.config import ServiceSettings


class Settings(ServiceSettings):
    """The file of the master keys, newest first, whose last line makes the pseudonyms and stays."""

    partner_key_file: Path
