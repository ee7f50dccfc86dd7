"""What is open while licensing serves, and what its functions may ask for."""

from collections.abc import Iterable, Sequence

from chassis.doctor import Diagnosis, Stored
from chassis.identity import KeyRings
from chassis.service import Doors
from chassis.web import Rate

from licensing.jobs import JOBS
from licensing.messaging import REACTIONS, TAKEN_BACK
from licensing.settings import Settings
from licensing.usecases import examining
from licensing.usecases.vault import Vault
from licensing.web import ROUTES
from licensing.web.limits import WrongKeys


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the vault and the limits on guessing keys (F-L09); keys are opened for their customers alone."""
    yield Vault.from_file(settings.license_key_file)
    yield Rate(settings.validations_per_minute, 60)
    yield WrongKeys(settings.validations_per_minute_in_total, settings.trusted_proxies)


async def examine(stored: Stored) -> Sequence[Diagnosis]:
    """Look whether what is paid gets its keys."""
    return await stored.ask(examining.waiting) or ()


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, takes_back=TAKEN_BACK, examine=examine)
