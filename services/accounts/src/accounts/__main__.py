"""Assembles accounts:  python -m accounts [serve|migrate|tenant|staff|service|second-factor|erasures|...]."""

from chassis.config.clock import Clock
from chassis.identity.sealing import MasterKey
from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from accounts import commands, jobs, messaging, web
from accounts.settings import Settings
from accounts.usecases.passwords import Passwords
from accounts.usecases.relying_party import RelyingParty
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault


def doors(settings: Settings, _: KeyRings) -> Doors:
    """The doors of accounts."""
    master = MasterKey.from_file(settings.master_key_file)
    vault = Vault(master)
    signing = Signing(master, Clock(settings.clock_file), staff_need_two=settings.staff_second_factor == "required")
    party = RelyingParty(settings.relying_party, settings.origins)
    limits = web.Limits(settings.sign_ins_per_minute, settings.registrations_per_minute, settings.refreshes_per_minute)
    return Doors(
        routes=web.routes(vault, Passwords(), signing, party, limits, settings.trusted_proxies),
        reactions=messaging.reactions(),
        jobs=jobs.jobs(vault),
    )


service = Service("accounts", Settings, doors=doors, commands=commands.commands)

if __name__ == "__main__":
    service.run()
