"""What mail-relay does by the clock: mail is handed to the next server, policies are announced, claims run out."""

from chassis.exporting import answer_exports
from chassis.jobs import minute, outbound, second, sweep

from mail_relay.clients import notices, reports, sharing
from mail_relay.clients import relaying as clients
from mail_relay.clients import retaining as clients_retaining
from mail_relay.domain.relaying import SmtpConnections
from mail_relay.store import share
from mail_relay.usecases import (
    announcing,
    answering,
    checkpointing,
    claiming,
    noticing,
    policing,
    relaying,
    reporting,
    retaining,
)

JOBS = [
    outbound(
        policing.RELAY,
        claim=relaying.claim,
        act=clients.relay,
        settle=relaying.settle,
        concurrency=SmtpConnections,
        in_batches=True,
    ),
    outbound(reporting.SEND, claim=reporting.claim, act=reports.send, settle=reporting.settle, concurrency=2),
    outbound(noticing.SEND, claim=noticing.claim, act=notices.send, settle=noticing.settle, concurrency=2),
    sweep("sign checkpoints", every=10 * minute, do=checkpointing.checkpoint_due),
    sweep(announcing.ANNOUNCE, every=minute, do=announcing.announce),
    outbound(
        "remove contents",
        claim=retaining.claim,
        act=clients_retaining.remove,
        settle=retaining.settle,
        every=10 * minute,
    ),
    outbound(
        "look for orphans",
        claim=retaining.claim_shard,
        act=clients_retaining.look,
        settle=retaining.settle_shard,
        every=10 * minute,
    ),
    sweep("forget conversations", every=10 * minute, do=retaining.forget),
    sweep("claims", every=second, do=claiming.let_elapse),
    sweep("silence", every=second, do=answering.notice_silence),
    answer_exports(share.of_customer, complete=sharing.add_contents),
]
