"""Assembles rewards:  python -m rewards [serve|migrate|load|codes|parked|dead]."""

from collections.abc import Iterable

from chassis.identity import KeyRings
from chassis.service import Service

from rewards.commands import commands
from rewards.domain.programme import Terms
from rewards.jobs import JOBS
from rewards.messaging import REACTIONS
from rewards.settings import Settings
from rewards.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the terms of the installation, and the vault of voucher codes."""
    yield settings.vault
    yield Terms(settings.default_market, settings.reversal_policy == "within_balance", settings.meeting_sources)


service = Service(
    "rewards", Settings, routes=ROUTES, reactions=REACTIONS, jobs=JOBS, provide=provide, commands=commands
)

if __name__ == "__main__":
    service.run()
