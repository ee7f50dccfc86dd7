"""What mail-relay does by the clock: what is to leave is handed to the next server, and policies are announced."""

from chassis.jobs import minute, outbound, sweep

from mail_relay.clients import notices, reports
from mail_relay.clients import relaying as clients
from mail_relay.domain.relaying import SmtpConnections
from mail_relay.usecases import announcing, checkpointing, noticing, receiving, relaying, reporting

JOBS = [
    outbound(
        receiving.RELAY,
        claim=relaying.claim,
        act=clients.relay,
        settle=relaying.settle,
        concurrency=SmtpConnections,
    ),
    outbound(reporting.SEND, claim=reporting.claim, act=reports.send, settle=reporting.settle, concurrency=2),
    outbound(noticing.SEND, claim=noticing.claim, act=notices.send, settle=noticing.settle, concurrency=2),
    sweep("sign checkpoints", every=10 * minute, do=checkpointing.checkpoint_due),
    sweep(announcing.ANNOUNCE, every=minute, do=announcing.announce),
]
