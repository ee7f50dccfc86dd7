"""What customers have saved at the provider: seen and deleted by themselves, kept nowhere here (PAY-11)."""

from typing import Annotated
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Listing, Routes
from pydantic import Field

from payments.clients.provider import Provider
from payments.clients.saved_cards import remove_card, saved_cards
from payments.domain.payments import SavedCardUnknown
from payments.store import customers
from payments.web import views
from payments.web.card import CUSTOMER

CardId = Annotated[str, Field(max_length=255, pattern=r"^[a-z]+_[A-Za-z0-9_]+$")]

routes = Routes()


@routes.get("/me/saved-cards", allow=CUSTOMER)
async def list_saved_cards(read: Read, caller: Caller, provider: Provider) -> Listing[views.SavedCardView]:
    """What the provider keeps for the customer, newest first; 503 when it is away."""
    known = await customers.provider_id(read, caller.tenant, UUID(caller.subject))
    saved = [] if known is None else await saved_cards(known, provider)
    return Listing(items=[views.SavedCardView(card=card.id, kind=card.kind) for card in saved])


@routes.delete("/me/saved-cards/{card}", allow=CUSTOMER)
async def delete_saved_card(read: Read, caller: Caller, card: CardId, provider: Provider) -> None:
    """Have the provider remove a saved card; payments made with it can still be refunded."""
    known = await customers.provider_id(read, caller.tenant, UUID(caller.subject))
    if known is None:
        raise SavedCardUnknown
    await remove_card(known, card, provider)
