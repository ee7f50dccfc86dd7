"""Assembles the probe:  python -m probe [serve|migrate|parked|dead]."""

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from probe import jobs, messaging, web
from probe.settings import Settings


def doors(settings: Settings, _: KeyRings) -> Doors:
    return Doors(routes=web.routes(), reactions=messaging.reactions(), jobs=jobs.jobs(settings.look_every))


service = Service("probe", Settings, doors=doors)

if __name__ == "__main__":
    service.run()
