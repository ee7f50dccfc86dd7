"""What payments knows of sellers and customers."""

from chassis.db import Tx
from contracts.accounts import CustomerRegistered, PrivacyChosen, TenantChanged, TenantOpened

from payments.store import customers, sellers


async def copy_sellers(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Know the accounts of a tenant's sellers, and ask for the transfers that waited for them."""
    sequence = tx.cause.sequence or 0 if tx.cause is not None else 0
    for seller in opened.sellers:
        await sellers.put(tx, opened.tenant, seller, sequence)
    tx.wake("request transfers")


async def copy_choice(tx: Tx, chosen: CustomerRegistered | PrivacyChosen) -> None:
    """Know whether a customer's card may be kept, and give up one that was (M26); the latest choice counts."""
    sequence = tx.cause.sequence or 0 if tx.cause is not None else 0
    traceparent = tx.cause.traceparent if tx.cause is not None else None
    await customers.choose(tx, chosen.tenant, chosen.customer, sequence, traceparent, keep_data=chosen.keep_data)
    if not chosen.keep_data:
        tx.wake("give up cards")
