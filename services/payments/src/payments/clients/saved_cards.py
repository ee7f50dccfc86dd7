"""Cards and accounts saved at the provider for a customer, asked of it each time."""

import contextlib

from payments.clients.provider import MISSING, Provider, answer, every
from payments.domain.payments import ProviderAway, ProviderRefuses, SavedCardUnknown
from payments.domain.provider import CardRemoval, SavedCard


async def remove_cards(removal: CardRemoval, provider: Provider) -> None:
    """Remove everything saved for a customer, who stays known; raises ProviderAway while something is left."""
    saved = await saved_cards(removal.provider_customer_id, provider)
    for card in saved:
        # One that refuses was removed by somebody else meanwhile, or is found again below.
        with contextlib.suppress(ProviderRefuses):
            await _detach(card.id, provider)
    if saved and await saved_cards(removal.provider_customer_id, provider):
        raise ProviderAway


async def saved_cards(provider_customer_id: str, provider: Provider) -> list[SavedCard]:
    """Return what is saved for a customer, newest first; nothing of one who was deleted there."""
    try:
        methods = await every(provider.api.v1.customers.payment_methods.list_async, provider_customer_id)
    except ProviderRefuses as error:
        if str(error) != MISSING:
            raise
        return []
    return [SavedCard(method.id, method.type) for method in methods]


async def remove_card(provider_customer_id: str, card_id: str, provider: Provider) -> None:
    """Remove one saved card of this customer; raises SavedCardUnknown for anybody else's."""
    try:
        await answer(provider.api.v1.customers.payment_methods.retrieve_async(provider_customer_id, card_id))
    except ProviderRefuses as error:
        if str(error) != MISSING:
            raise
        raise SavedCardUnknown from None
    await _detach(card_id, provider)


async def _detach(card_id: str, provider: Provider) -> None:
    # No idempotency key: the provider would repeat a kept error for a day, while to detach is the same every time.
    await answer(provider.api.v1.payment_methods.detach_async(card_id))
