"""What mail-relay does by the clock: messages are handed to the next server, side by side."""

from chassis.jobs import outbound

from mail_relay.clients import relaying as clients
from mail_relay.domain.relaying import SmtpConnections
from mail_relay.usecases import receiving, relaying

JOBS = [
    outbound(
        receiving.RELAY,
        claim=relaying.claim,
        act=clients.relay,
        settle=relaying.settle,
        concurrency=SmtpConnections,
    )
]
