"""What customers have saved at the provider: seen and deleted by themselves, kept nowhere here (PAY-11)."""

from typing import Annotated
from uuid import UUID

from chassis.db import Begin
from chassis.identity.tokens import Caller
from chassis.web import Listing, Routes
from pydantic import Field

from payments.clients.provider import Provider
from payments.domain.payments import SavedCardUnknown
from payments.store import customers
from payments.web import views
from payments.web.card import CUSTOMER

CardId = Annotated[str, Field(max_length=255, pattern=r"^[a-z]+_[A-Za-z0-9_]+$")]


def add(routes: Routes, provider: Provider) -> None:
    """The routes of saved cards."""

    @routes.get("/me/saved-cards", allow=CUSTOMER)
    async def list_saved_cards(begin: Begin, caller: Caller) -> Listing[views.SavedCardView]:
        """What the provider keeps for the customer, newest first; 503 when it is away."""
        known = await _known(begin, caller)
        saved = [] if known is None else await provider.saved(known)
        return Listing(items=[views.SavedCardView(card=one.card, kind=one.kind) for one in saved])

    @routes.delete("/me/saved-cards/{card}", allow=CUSTOMER)
    async def delete_saved_card(begin: Begin, caller: Caller, card: CardId) -> None:
        """Have the provider give up a saved card; payments made with it can still be refunded."""
        known = await _known(begin, caller)
        if known is None:
            raise SavedCardUnknown
        await provider.remove(known, card)

    async def _known(begin: Begin, caller: Caller) -> str | None:
        async with begin() as tx:
            return await customers.find(tx, caller.tenant, UUID(caller.subject))
