"""The door for the clock."""

from chassis.exporting import answer_exports
from chassis.jobs import outbound, second, sweep

from orders.store import share
from orders.usecases import bouncing, cancelling, withdrawing

JOBS = [
    sweep("lapse unpaid orders", every=10 * second, do=cancelling.lapse_unpaid_orders),
    sweep("give up what bounced", every=10 * second, do=bouncing.give_up_bounced),
    outbound(withdrawing.COMPARE, claim=withdrawing.claim, act=withdrawing.compare, settle=withdrawing.settle),
    answer_exports(share.of_customer, purposes=("export", "export profile", "export records")),
]
