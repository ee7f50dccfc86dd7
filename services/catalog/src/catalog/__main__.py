"""Assembles catalog:  python -m catalog [serve|migrate|load|parked|dead]."""

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from catalog import commands, web
from catalog.settings import Settings


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of catalog, which hears nothing and has nothing to do by the clock."""
    return Doors(routes=web.routes())


service = Service("catalog", Settings, doors=doors, commands=commands.commands)

if __name__ == "__main__":
    service.run()
