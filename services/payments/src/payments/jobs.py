"""What payments does by the clock, and its errands to the provider."""

from datetime import timedelta
from functools import partial

from chassis.jobs import Jobs, minute, outbound, second, sweep

from payments.clients.provider import Provider
from payments.store import customers, payments, refunds
from payments.usecases import erasing, ordering, refunding, saving, telling


def jobs(provider: Provider, ask_after: timedelta) -> Jobs:
    """Money sent back, lost webhooks made good, cards and customers forgotten, transfers asked for."""
    return [
        outbound("pay back", claim=refunds.claim, act=provider.pay_back, settle=refunding.record_answer),
        outbound(
            "ask about payments",
            claim=payments.claim,
            act=provider.look,
            settle=partial(telling.learn, ask_again=ask_after),
        ),
        outbound("forget customers", claim=customers.claim, act=provider.forget, settle=erasing.forgotten),
        outbound("give up cards", claim=customers.claim_give_ups, act=provider.give_up, settle=saving.given_up),
        sweep("request transfers", every=10 * second, do=ordering.request_transfers),
        sweep("apply what was kept", every=minute, do=telling.apply_kept),
    ]
