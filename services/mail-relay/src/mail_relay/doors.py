"""What is open while mail-relay serves, and what its functions may ask for."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.identity import KeyRings
from chassis.service import Doors
from mailing.server import MailServer

from mail_relay.clients import surroundings
from mail_relay.clients.contents import Contents
from mail_relay.clients.operator import Operator
from mail_relay.clients.outgoing import Outgoing
from mail_relay.clients.senders import Senders
from mail_relay.domain.alias import PublicUrl
from mail_relay.domain.carried import Largest
from mail_relay.domain.policy.limits import Limits
from mail_relay.domain.relaying import Lease, SmtpConnections
from mail_relay.jobs import JOBS
from mail_relay.messaging import REACTIONS
from mail_relay.settings import Settings
from mail_relay.smtp import Door, listen
from mail_relay.web import ROUTES


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the door for mail, the store of contents, the next server, and who may write."""
    domains = settings.domains
    yield domains
    yield PublicUrl(settings.public_url)
    yield Contents(settings.storage_url, settings.storage_secret)
    yield Senders(settings.dns_servers, settings.dns_port, settings.ours, settings.scanner, settings.sealers)
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password,
        settings.alias_domain,
        settings.smtp_timeout_seconds,
    )
    yield server
    yield Operator(settings.postmaster, domains, server)
    yield Outgoing(server, domains, settings.signers, settings.envelopes)
    yield settings.envelopes
    yield settings.archive_keys
    yield settings.retention
    yield Lease(timedelta(seconds=settings.smtp_timeout_seconds + 10))
    yield SmtpConnections(settings.smtp_connections)
    yield Largest(settings.largest_message_bytes)
    yield Limits(settings.alias_messages_per_minute, settings.conversation_messages_per_hour)
    yield Door(
        host=settings.door_host,
        port=settings.door_port,
        tls=settings.door_tls,
        largest=settings.largest_message_bytes,
        connections=settings.door_connections,
        of_one_address=settings.door_connections_per_address,
        lmtp_port=settings.lmtp_port,
        edges=settings.edges,
    )


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, listeners=[listen], examine=surroundings.examine)
