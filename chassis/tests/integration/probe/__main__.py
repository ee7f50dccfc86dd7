"""Assembles the probe:  python -m probe [serve|migrate|parked|dead]."""

from collections.abc import Iterable

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from probe import jobs, messaging, web
from probe.domain import Pace
from probe.settings import Settings


def provide(settings: Settings, keys: KeyRings) -> Iterable[object]:
    """Provide what the probe's functions ask for."""
    del keys
    return [Pace(settings.restless)]


service = Service("probe", Settings, routes=web.ROUTES, reactions=messaging.REACTIONS, jobs=jobs.JOBS, provide=provide)

if __name__ == "__main__":
    service.run()
