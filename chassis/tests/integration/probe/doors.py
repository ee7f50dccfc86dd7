"""What is open while the probe serves, and what its functions may ask for."""

from collections.abc import Iterable

from chassis.identity.keyrings import KeyRings
from chassis.service import Doors

from probe import jobs, messaging, web
from probe.domain import Pace
from probe.settings import Settings


def provide(settings: Settings, keys: KeyRings) -> Iterable[object]:
    """Provide what the probe's functions ask for."""
    del keys
    return [Pace(settings.restless)]


DOORS = Doors(web.ROUTES, messaging.REACTIONS, jobs.JOBS, provide)
