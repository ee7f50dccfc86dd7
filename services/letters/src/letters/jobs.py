"""What letters does by the clock: e-mails are sent side by side, and those that time makes due are recorded."""

from chassis.exporting import answer_exports
from chassis.jobs import outbound, second, sweep

from letters.clients import mailing
from letters.domain.sending import SmtpConnections
from letters.store import share
from letters.usecases import concluding, notifying, sending

JOBS = [
    outbound(
        concluding.SEND,
        claim=sending.claim,
        act=mailing.send,
        settle=sending.settle,
        concurrency=SmtpConnections,
        in_batches=True,
    ),
    outbound(notifying.NOTIFY, claim=notifying.claim, act=mailing.notify, settle=notifying.settle, concurrency=2),
    sweep("conclude orders", every=second, do=concluding.conclude_due),
    answer_exports(share.of_customer, purposes=("export", "export records")),
]
