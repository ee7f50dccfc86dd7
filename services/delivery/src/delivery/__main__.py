"""Assembles delivery:  python -m delivery [serve|migrate|verify|parked|dead]."""

from urllib.parse import urlsplit

from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from delivery import jobs, messaging, web
from delivery.clients.objects import Objects
from delivery.clients.peers import Transfers
from delivery.commands import commands
from delivery.settings import Settings


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of delivery."""
    objects, transfers = Objects(settings.storage_url), Transfers()
    limits = web.Limits(
        upload_bytes=settings.upload_limit_bytes,
        session_lifetime=settings.session_lifetime,
        connections=settings.connections_per_grant,
        patience_seconds=settings.patience_seconds,
        prefix=urlsplit(settings.public_url).path,
        zone=settings.zone,
    )
    return Doors(
        routes=web.routes(objects, transfers, keys, limits),
        reactions=messaging.reactions(keys.forget),
        jobs=jobs.jobs(objects, transfers),
        resources=[transfers],
    )


service = Service("delivery", Settings, doors=doors, commands=commands)

if __name__ == "__main__":
    service.run()
