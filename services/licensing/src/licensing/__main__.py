"""Assembles licensing:  python -m licensing [serve|migrate|serials|parked|dead]."""

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from licensing import commands, jobs, messaging, web
from licensing.settings import Settings
from licensing.usecases.vault import Vault


def doors(settings: Settings, _: KeyRings) -> Doors:
    """The doors of licensing; it seals and never opens what is sealed."""
    vault = Vault.from_file(settings.license_key_file)
    return Doors(
        routes=web.routes(vault, settings.validations),
        reactions=messaging.reactions(),
        jobs=jobs.jobs(vault),
    )


service = Service("licensing", Settings, doors=doors, commands=commands.commands)

if __name__ == "__main__":
    service.run()
