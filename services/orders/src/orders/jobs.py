"""The door for the clock."""

from chassis.jobs import second, sweep

from orders.usecases import cancelling

JOBS = [sweep("lapse unpaid orders", every=10 * second, do=cancelling.lapse_unpaid_orders)]
