"""What is open while catalog serves, and what its functions may ask for."""

from collections.abc import Iterable, Sequence

from chassis.doctor import Diagnosis, Stored
from chassis.identity import KeyRings
from chassis.service import Doors

from catalog.clients import surroundings
from catalog.clients.pictures import Pictures
from catalog.jobs import JOBS
from catalog.messaging import REACTIONS
from catalog.settings import Settings
from catalog.usecases import examining
from catalog.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the store of pictures."""
    yield Pictures(settings.storage_url, settings.storage_secret)


async def examine(pictures: Pictures, stored: Stored) -> Sequence[Diagnosis]:
    """Look whether pictures can be had, and whether boxes are sold with a delivery time."""
    return [*await surroundings.examine(pictures), *(await stored.ask(examining.undated) or ())]


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, examine=examine)
