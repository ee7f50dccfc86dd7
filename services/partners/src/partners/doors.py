"""What is open while partners serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Doors

from partners.jobs import JOBS
from partners.messaging import REACTIONS
from partners.settings import Settings
from partners.usecases.vault import Vault
from partners.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the vault, which makes the pseudonyms."""
    yield Vault.from_file(settings.partner_key_file)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide)
