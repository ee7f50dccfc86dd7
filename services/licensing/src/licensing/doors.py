"""What is open while licensing serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors
from chassis.web import Rate

from licensing.jobs import JOBS
from licensing.messaging import REACTIONS, TAKEN_BACK
from licensing.settings import Settings
from licensing.usecases.vault import Vault
from licensing.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the vault and the limit on guessing keys (F-L09); keys are opened for their customers alone."""
    yield Vault.from_file(settings.license_key_file)
    yield Rate(settings.validations_per_minute, 60, total=settings.validations_per_minute_in_total)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, takes_back=TAKEN_BACK)
