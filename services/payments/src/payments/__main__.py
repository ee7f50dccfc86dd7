"""Assembles payments:  python -m payments [serve|migrate|parked|dead|statement]."""

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from payments import jobs, messaging, web
from payments.clients.provider import Provider
from payments.commands import commands
from payments.settings import Settings


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of payments."""
    provider = Provider(settings.provider_url, settings.provider_api_key, settings.methods)
    return Doors(
        routes=web.routes(provider, settings.webhook_secrets, settings.onward, settings.ask_after, keys),
        reactions=messaging.reactions(keys.forget),
        jobs=jobs.jobs(provider, settings.ask_after),
        resources=[provider],
    )


service = Service("payments", Settings, doors=doors, commands=commands)

if __name__ == "__main__":
    service.run()
