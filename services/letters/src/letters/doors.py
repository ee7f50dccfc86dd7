"""What is open while letters serves, and what its functions may ask for."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.identity import KeyRings
from chassis.service import Doors
from mailing.server import MailServer

from letters.clients import surroundings
from letters.clients.composing import Composer
from letters.clients.mailing import Senders
from letters.domain.sending import Lease, LettersPerHour, SmtpConnections
from letters.jobs import JOBS
from letters.messaging import REACTIONS
from letters.settings import Settings
from letters.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the mail server, what writes letters to it, and the limits of sending."""
    sender = settings.sender
    yield sender
    yield Senders(sender, settings.envelopes)
    yield Composer(sender, settings.delivery_url, settings.time_zone)
    yield MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password,
        sender.domain,
        settings.smtp_timeout_seconds,
    )
    yield Lease(timedelta(seconds=settings.smtp_timeout_seconds + 10))
    yield SmtpConnections(settings.smtp_connections)
    yield LettersPerHour(settings.letters_per_hour)


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, examine=surroundings.examine)
