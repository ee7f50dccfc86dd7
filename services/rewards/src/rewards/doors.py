"""What is open while rewards serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors

from rewards.domain.programme import Terms
from rewards.jobs import JOBS
from rewards.messaging import REACTIONS
from rewards.settings import Settings
from rewards.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the terms of the installation, and the vault of voucher codes."""
    yield settings.vault
    yield Terms(settings.default_market, settings.reversal_policy == "within_balance", settings.meeting_sources)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide)
