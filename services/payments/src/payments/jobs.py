"""What payments does by the clock, and its tasks at the provider."""

from chassis.jobs import minute, outbound, second, sweep

from payments.clients.provider import Provider
from payments.domain.provider import (
    CardRemoval,
    CustomerDeletion,
    Inquiry,
    Notice,
    ProviderRefund,
    RefundRefusal,
    RefundTask,
)
from payments.store import customers, payments, refunds
from payments.usecases import copies, erasing, notices, ordering, refunding, saved_cards, settling


async def send_refund(task: RefundTask, provider: Provider) -> ProviderRefund | RefundRefusal:
    """Have the provider send money back."""
    return await provider.refund(task)


async def inquire(inquiry: Inquiry, provider: Provider) -> list[Notice]:
    """Ask the provider about a checkout."""
    return await provider.inquire(inquiry)


async def delete_customer(deletion: CustomerDeletion, provider: Provider) -> None:
    """Have the provider delete a customer."""
    await provider.delete_customer(deletion)


async def remove_cards(removal: CardRemoval, provider: Provider) -> None:
    """Have the provider remove a customer's saved cards."""
    await provider.remove_cards(removal)


JOBS = [
    outbound(settling.SEND_REFUNDS, claim=refunds.claim, act=send_refund, settle=refunding.record_answer),
    outbound(notices.INQUIRE, claim=payments.claim, act=inquire, settle=notices.record_answer),
    outbound(
        erasing.DELETE_CUSTOMERS,
        claim=customers.claim_deletions,
        act=delete_customer,
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
]
