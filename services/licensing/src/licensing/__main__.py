"""Assembles licensing:  python -m licensing [serve|migrate|serials|parked|dead]."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Service

from licensing.commands import commands
from licensing.jobs import JOBS
from licensing.messaging import REACTIONS
from licensing.settings import Settings
from licensing.usecases.vault import Vault
from licensing.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the vault and the limit on validations; licensing seals and never opens what is sealed."""
    yield Vault.from_file(settings.license_key_file)
    yield settings.validations


service = Service(
    "licensing", Settings, routes=ROUTES, reactions=REACTIONS, jobs=JOBS, provide=provide, commands=commands
)

if __name__ == "__main__":
    service.run()
