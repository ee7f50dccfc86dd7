"""What payments knows of sellers and customers."""

from collections.abc import Sequence
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Tx, record_tenants
from chassis.jobs import Trigger
from contracts.accounts import CustomerRegistered, PrivacyChosen, TenantChanged, TenantOpened

from payments.store import customers, sellers
from payments.store.customers import Choice
from payments.usecases.saved_cards import REMOVE_CARDS

REQUEST_TRANSFERS = Trigger("request transfers")


async def copy_sellers(tx: Tx, messages: Sequence[Message[TenantOpened | TenantChanged]]) -> None:
    """Copy the accounts of tenants' sellers, and ask for the transfers that waited for them."""
    await record_tenants(tx, [message.event.tenant for message in messages])
    for message in messages:
        for seller in message.event.sellers:
            since = message.attributes.time or tx.now
            await sellers.put(tx, message.event.tenant, seller, message.sequence, since)
    tx.wake(REQUEST_TRANSFERS)


async def copy_choices(tx: Tx, messages: Sequence[Message[CustomerRegistered | PrivacyChosen]]) -> None:
    """Copy whether customers' cards may be kept, and have others removed (M26); the latest choice counts."""
    latest: dict[tuple[str, UUID], Choice] = {}
    for message in sorted(messages, key=lambda message: message.sequence):
        event = message.event
        latest[event.tenant, event.customer] = Choice(
            event.tenant, event.customer, event.keep_data, message.sequence, message.cause.traceparent
        )
    await customers.choose(tx, list(latest.values()))
    if not all(choice.keep_data for choice in latest.values()):
        tx.wake(REMOVE_CARDS)
