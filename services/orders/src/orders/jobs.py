"""The door for the clock."""

from chassis.exporting import answer_exports
from chassis.jobs import second, sweep

from orders.store import share
from orders.usecases import bouncing, cancelling

JOBS = [
    sweep("lapse unpaid orders", every=10 * second, do=cancelling.lapse_unpaid_orders),
    sweep("give up what bounced", every=10 * second, do=bouncing.give_up_bounced),
    answer_exports(share.of_customer, purposes=("export", "export records")),
]
