"""The routes of catalog: anybody may look (CAT-8), the sales staff may change."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Listing, Page, Problem, Routes

from catalog.domain import errors
from catalog.domain.money import WantedPrice
from catalog.domain.product import Buyer, Settings, known, offered
from catalog.store import channels, documents, prices
from catalog.store.documents import Search
from catalog.usecases import changing
from catalog.web import bodies, views

SALES = "sales"
ERRORS: dict[type[Exception], int] = {
    errors.ProductUnknown: 404,
    errors.VariantUnknown: 404,
    errors.ChannelUnknown: 404,
    errors.PriceUnknown: 404,
    errors.NotListed: 404,
    errors.NotEligible: 404,
    errors.CatalogError: 422,
}


def routes() -> Routes:
    """What catalog answers."""
    routes = Routes(ERRORS)
    _looking(routes)
    _changing(routes)
    return routes


def _looking(routes: Routes) -> None:
    @routes.get("/products")
    async def list_products(
        tx: Tx,
        page: Page,
        tenant: bodies.Code,
        channel: bodies.Code,
        search: bodies.Words | None = None,
        line: bodies.Words | None = None,
        market: bodies.Country | None = None,
        customer_type: bodies.CustomerType | None = None,
    ) -> Listing[views.ProductView]:
        """What a channel sells now, in the order of family and version; `next` continues it."""
        buyer = Buyer(market, customer_type)
        wanted = Search(channel, buyer, line or None, search or None, _place(page.cursor), page.limit + 1)
        found = await documents.search(tx, tenant, wanted)
        if not found:
            known(await channels.of_tenant(tx, tenant), channel)
        items = [
            views.product_view(shown, offered(shown.product, channel, buyer, tx.now)) for shown in found[: page.limit]
        ]
        more = len(found) > page.limit
        return Listing(items=items, next=str(items[-1].product) if more else None)

    @routes.get("/products/{product}")
    async def view_product(
        tx: Tx,
        product: UUID,
        tenant: bodies.Code,
        channel: bodies.Code,
        market: bodies.Country | None = None,
        customer_type: bodies.CustomerType | None = None,
    ) -> views.ProductView:
        """A product as a channel sells it now; 404 with the reason where it does not, or not to such a buyer."""
        found = await documents.shown(tx, tenant, product, channel)
        if found is None:
            raise errors.ProductUnknown
        offers = offered(found.product, channel, Buyer(market, customer_type), tx.now)
        return views.product_view(found, offers)

    @routes.get("/channels")
    async def list_channels(tx: Tx, tenant: bodies.Code) -> Listing[views.ChannelView]:
        """Where a tenant sells."""
        found = await channels.of_tenant(tx, tenant)
        return Listing(items=[views.channel_view(channel) for channel in found.values()])


def _changing(routes: Routes) -> None:
    @routes.get("/products/{product}/variants/{sku}/settings", allow=SALES)
    async def view_settings(tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku) -> views.SettingsView:
        """How an article is delivered and licensed."""
        found = await documents.find(tx, caller.tenant, product)
        if found is None:
            raise errors.ProductUnknown
        return views.settings_view(sku, found.product.variant(sku).settings)

    @routes.put("/products/{product}/variants/{sku}/settings", allow=SALES)
    async def set_settings(
        tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku, body: bodies.Settings
    ) -> views.SettingsView:
        """Deliver and license an article in another way; delivery and licensing follow by themselves (CAT-9)."""
        await changing.set_settings(tx, caller.tenant, product, sku, Settings(**body.model_dump()))
        return await view_settings(tx, caller, product, sku)

    @routes.post("/products/{product}/withdrawal", allow=SALES)
    async def withdraw(tx: Tx, caller: Caller, product: UUID) -> views.WithdrawalView:
        """Sell a product no longer; orders already placed are untouched."""
        at = await changing.withdraw(tx, caller.tenant, product)
        return views.WithdrawalView(product=product, withdrawn_at=at)

    @routes.get("/channels/{channel}/prices/{price}", allow=SALES)
    async def view_price(tx: Tx, caller: Caller, channel: bodies.Code, price: UUID) -> views.PriceView:
        """A price of a channel."""
        found = await prices.find(tx, caller.tenant, price)
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
    async def view_rrp(tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku, price: UUID) -> views.PriceView:
        """A recommended price."""
        found = await prices.find(tx, caller.tenant, price)
        if found is None or found.channel or found.sku != sku:
            raise errors.PriceUnknown
        return views.price_view(found)

    @routes.post("/products/{product}/variants/{sku}/rrps", allow=SALES, creates=view_rrp)
    async def add_rrp(tx: Tx, caller: Caller, product: UUID, sku: bodies.Sku, body: bodies.NewRrp) -> dict[str, object]:
        """Recommend another price; direct channels follow it, partners do not (M12, M14)."""
        wanted = WantedPrice(body.amount, body.currency, body.valid_from)
        price = await changing.set_rrp(tx, caller.tenant, product, sku, wanted)
        return {"product": product, "sku": sku, "price": price}


def _place(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None
