"""Changing what is for sale: the sales staff may."""

from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Routes

from catalog.domain import errors
from catalog.domain.money import WantedPrice
from catalog.domain.product import Settings
from catalog.store import documents, prices
from catalog.usecases import changing
from catalog.web import bodies, views

SALES = "sales"
STAFF = (SALES, "files", "support")
routes = Routes()


@routes.get("/products/{product}/variants/{sku}/settings", allow=STAFF)
async def view_settings(read: Read, caller: Caller, product: UUID, sku: bodies.Sku) -> views.SettingsView:
    """How an article is delivered and licensed."""
    found = await documents.find(read, caller.tenant, product)
    if found is None:
        raise errors.ProductUnknown
    return views.settings_view(sku, found.product.variant(sku).settings)


@routes.put("/products/{product}/variants/{sku}/settings", allow=SALES)
async def set_settings(
    tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku, body: bodies.Settings
) -> views.SettingsView:
    """Deliver and license an article in another way; delivery and licensing follow by themselves (CAT-9)."""
    days = body.delivery_days
    facts: dict[str, Any] = {**body.model_dump(), "delivery_days": None if days is None else days.named}
    await changing.set_settings(tx, caller.tenant, product, sku, Settings(**facts))
    return await view_settings(tx, caller, product, sku)


@routes.post("/products/{product}/publication", allow=SALES)
async def publish_draft(tx: Tx, caller: Caller, product: UUID) -> views.PublicationView:
    """Sell a draft from now on."""
    await changing.publish(tx, caller.tenant, product)
    return views.PublicationView(product=product)


@routes.post("/products/{product}/withdrawal", allow=SALES)
async def withdraw(tx: Tx, caller: Caller, product: UUID) -> views.WithdrawalView:
    """Sell a product no longer; orders already placed are untouched."""
    at = await changing.withdraw(tx, caller.tenant, product)
    return views.WithdrawalView(product=product, withdrawn_at=at)


@routes.get("/channels/{channel}/prices/{price}", allow=SALES)
async def view_price(read: Read, caller: Caller, channel: bodies.Code, price: UUID) -> views.PriceView:
    """A price of a channel."""
    found = await prices.find(read, caller.tenant, price)
    if found is None or found.channel != channel:
        raise errors.PriceUnknown
    return views.price_view(found)


@routes.post("/channels/{channel}/prices", allow=SALES, creates=view_price)
async def add_price(tx: Tx, caller: Caller, channel: bodies.Code, body: bodies.NewPrice) -> dict[str, object]:
    """Sell an article at another price from now on or from a date to come; direct channels only at RRP (CAT-3)."""
    wanted = WantedPrice(body.amount, body.currency, body.valid_from)
    price = await changing.set_price(tx, caller.tenant, channel, body.sku, wanted)
    return {"channel": channel, "price": price}


@routes.get("/products/{product}/variants/{sku}/rrps/{price}", allow=SALES)
async def view_rrp(read: Read, caller: Caller, product: UUID, sku: bodies.Sku, price: UUID) -> views.PriceView:
    """A recommended price."""
    found = await prices.find(read, caller.tenant, price)
    if found is None or found.channel or found.sku != sku:
        raise errors.PriceUnknown
    return views.price_view(found)


@routes.post("/products/{product}/variants/{sku}/rrps", allow=SALES, creates=view_rrp)
async def add_rrp(tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku, body: bodies.NewRrp) -> dict[str, object]:
    """Recommend another price; direct channels follow it, partners do not (M12, M14)."""
    wanted = WantedPrice(body.amount, body.currency, body.valid_from)
    price = await changing.set_rrp(tx, caller.tenant, product, sku, wanted)
    return {"product": product, "sku": sku, "price": price}
