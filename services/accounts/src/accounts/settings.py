"""What accounts reads from its environment."""

from pathlib import Path
from typing import Literal

from chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Where the master key is, who needs two factors, how often one network address may try what can be guessed."""

    master_key_file: Path
    staff_second_factor: Literal["optional", "required"] = "optional"
    sign_ins_per_minute: int = 60
    registrations_per_minute: int = 20
    refreshes_per_minute: int = 120
