"""What is open while delivery serves, and what its functions may ask for."""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from chassis.doctor import Diagnosis, Stored
from chassis.identity import KeyRings
from chassis.service import Doors

from delivery.clients import surroundings
from delivery.clients.objects import Objects
from delivery.clients.peers import Transfers
from delivery.jobs import JOBS
from delivery.messaging import REACTIONS
from delivery.settings import Settings
from delivery.usecases import examining
from delivery.web import ROUTES, Limits


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the store of files, the transfers of this process, and the limits of the installation."""
    yield Objects(settings.storage_url, settings.storage_secret)
    yield Transfers()
    yield settings.grace
    yield Limits(
        upload_bytes=settings.upload_limit_bytes,
        session_lifetime=settings.session_lifetime,
        connections=settings.connections_per_grant,
        patience_seconds=settings.patience_seconds,
        prefix=urlsplit(settings.public_url).path,
        scheme=urlsplit(settings.public_url).scheme,
        zone=settings.zone,
        proof=settings.proof,
    )


async def examine(objects: Objects, stored: Stored) -> Sequence[Diagnosis]:
    """Look whether the store of files answers, and whether what is paid can be delivered."""
    return [*await surroundings.examine(objects), *(await stored.ask(examining.waiting) or ())]


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, examine=examine)
