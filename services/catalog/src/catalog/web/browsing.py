"""Looking at what is for sale: anybody may (CAT-8)."""

from uuid import UUID

from chassis.db import Read
from chassis.web import Listing, Page, Routes, listing

from catalog.domain import errors
from catalog.domain.product import Buyer, known, offered
from catalog.store import channels, documents
from catalog.store.documents import Search
from catalog.web import bodies, views

routes = Routes()


@routes.get("/products", kept_seconds=60)
async def list_products(
    read: Read,
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
    after = page.after(tuple[UUID])
    wanted = Search(channel, buyer, line or None, search or None, after[0] if after else None, page.limit + 1)
    found = await documents.search(read, tenant, wanted)
    if not found:
        known(await channels.of_tenant(read, tenant), channel)
    now = read.now
    return listing(
        found,
        page,
        lambda listed: (listed.product.id,),
        lambda listed: views.product_view(listed, offered(listed.product, channel, buyer, now)),
    )


@routes.get("/products/{product}", kept_seconds=60)
async def view_product(
    read: Read,
    product: UUID,
    tenant: bodies.Code,
    channel: bodies.Code,
    market: bodies.Country | None = None,
    customer_type: bodies.CustomerType | None = None,
) -> views.ProductView:
    """A product as a channel sells it now; 404 with the reason where it does not, or not to such a buyer."""
    found = await documents.listed(read, tenant, product, channel)
    if found is None:
        raise errors.ProductUnknown
    offers = offered(found.product, channel, Buyer(market, customer_type), read.now)
    return views.product_view(found, offers)


@routes.get("/channels", kept_seconds=60)
async def list_channels(read: Read, tenant: bodies.Code) -> Listing[views.ChannelView]:
    """Where a tenant sells."""
    found = await channels.of_tenant(read, tenant)
    return Listing(items=[views.channel_view(channel) for channel in found.values()])
