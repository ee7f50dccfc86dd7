"""What payments does by the clock, and its tasks at the provider."""

from chassis.exporting import answer_exports
from chassis.jobs import minute, outbound, second, sweep

from payments.clients import provider
from payments.clients.saved_cards import remove_cards
from payments.store import customers, payments, refunds, share
from payments.usecases import copies, erasing, notices, ordering, refunding, saved_cards, settling

JOBS = [
    outbound(settling.SEND_REFUNDS, claim=refunds.claim, act=provider.send_refund, settle=refunding.record_answer),
    outbound(notices.INQUIRE, claim=payments.claim, act=provider.inquire, settle=notices.record_answer),
    outbound(
        erasing.DELETE_CUSTOMERS,
        claim=customers.claim_deletions,
        act=provider.delete_customer,
        settle=erasing.record_deletion,
    ),
    outbound(
        saved_cards.REMOVE_CARDS,
        claim=customers.claim_card_removals,
        act=remove_cards,
        settle=saved_cards.record_removal,
    ),
    sweep(copies.REQUEST_TRANSFERS, every=10 * second, do=ordering.request_transfers),
    sweep("apply kept notices", every=minute, do=notices.apply_kept),
    answer_exports(share.of_customer, purposes=()),
]
