"""What mail-relay does by the clock: messages and notices are handed to the next server."""

from chassis.jobs import outbound

from mail_relay.clients import notices
from mail_relay.clients import relaying as clients
from mail_relay.domain.relaying import SmtpConnections
from mail_relay.usecases import noticing, receiving, relaying

JOBS = [
    outbound(
        receiving.RELAY,
        claim=relaying.claim,
        act=clients.relay,
        settle=relaying.settle,
        concurrency=SmtpConnections,
    ),
    outbound(noticing.NOTIFY, claim=noticing.claim, act=notices.notify, settle=noticing.settle, concurrency=2),
]
