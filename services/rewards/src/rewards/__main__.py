"""Assembles rewards:  python -m rewards [serve|migrate|load|codes|parked|dead]."""

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from rewards import commands, jobs, messaging, web
from rewards.settings import Settings


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of rewards."""
    return Doors(
        routes=web.routes(settings.default_market, keys, within_balance=settings.within_balance),
        reactions=messaging.reactions(keys.forget, within_balance=settings.within_balance),
        jobs=jobs.jobs(within_balance=settings.within_balance),
    )


service = Service("rewards", Settings, doors=doors, commands=commands.commands)

if __name__ == "__main__":
    service.run()
