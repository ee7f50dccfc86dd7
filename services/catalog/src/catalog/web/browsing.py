"""Looking at what is for sale: anybody may (CAT-8)."""

from dataclasses import replace
from uuid import UUID

from chassis.db import Read
from chassis.web import Listing, Page, Routes, listing

from catalog.domain import errors
from catalog.domain.product import Buyer, known, offered
from catalog.store import channels, documents, files, presentations
from catalog.store.documents import Search
from catalog.usecases import finding
from catalog.web import bodies, shown, views

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
) -> shown.FoundView:
    """What a channel sells now, in the order of family and version, with titles and pictures; `next` continues it.

    `search` are words, or beginnings of words, with umlauts or without. Where nothing has them, what has words that are
    nearly so is found, and `meant` is what was looked for instead.
    """
    buyer = Buyer(market, customer_type)
    after = page.after(tuple[UUID])
    wanted = Search(channel, buyer, line or None, None, after[0] if after else None, page.limit + 1)
    found, meant = await finding.find(
        read, tenant, search, lambda asked: documents.search(read, tenant, replace(wanted, asked=asked))
    )
    if not found:
        known(await channels.of_tenant(read, tenant), channel)
    now = read.now
    sold = {one.product.id: views.product_view(tenant, one, offered(one.product, channel, buyer, now)) for one in found}
    subjects = [subject for product in sold.values() for subject in shown.subjects(product)]
    known_ones = await presentations.of(read, tenant, subjects)
    listed = listing(
        found,
        page,
        lambda one: (one.product.id,),
        lambda one: shown.listed_view(sold[one.product.id], known_ones),
    )
    return shown.FoundView.model_construct(items=listed.items, next=listed.next, meant=meant)


@routes.get("/products/{product}", kept_seconds=60)
async def view_product(
    read: Read,
    product: UUID,
    tenant: bodies.Code,
    channel: bodies.Code,
    market: bodies.Country | None = None,
    customer_type: bodies.CustomerType | None = None,
) -> shown.DetailView:
    """A product as a channel sells it now, with all that is written of it; 404 with the reason where it does not."""
    found = await documents.listed(read, tenant, product, channel)
    if found is None:
        raise errors.ProductUnknown
    offers = offered(found.product, channel, Buyer(market, customer_type), read.now)
    sold = views.product_view(tenant, found, offers)
    written = await presentations.of(read, tenant, shown.subjects(sold))
    return shown.detail_view(sold, written, await files.of(read, tenant, [one.variant.sku for one in offers]))


@routes.get("/channels", kept_seconds=60)
async def list_channels(read: Read, tenant: bodies.Code) -> Listing[views.ChannelView]:
    """Where a tenant sells."""
    found = await channels.of_tenant(read, tenant)
    return Listing(items=[views.channel_view(channel) for channel in found.values()])
