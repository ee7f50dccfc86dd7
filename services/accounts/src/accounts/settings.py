"""What accounts reads from its environment."""

from pathlib import Path

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where the master key is, and how often one network address may try what can be guessed."""

    master_key_file: Path
    sign_ins_per_minute: int = 60
    registrations_per_minute: int = 20
    refreshes_per_minute: int = 120
