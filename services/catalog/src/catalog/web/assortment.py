"""All that a tenant has, for its staff: also what is withdrawn, or not listed anywhere yet."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, View, listing

from catalog.domain.errors import ProductUnknown
from catalog.domain.money import current
from catalog.domain.product import Product, Variant, edition_id, family_id, line_id
from catalog.store import assortment, documents
from catalog.store.assortment import Row, Wanted
from catalog.store.documents import StoredProduct
from catalog.usecases import finding
from catalog.web import bodies
from catalog.web.views import AmountView, DeliveryDaysView, RangeView

STAFF = ("sales", "files", "support")
routes = Routes()


class EntryEditionView(View):
    """An edition in the list, and its SKUs."""

    name: str
    skus: list[str]


class EntryView(View):
    """A product in the list; `withdrawn_at` is null for one that is for sale, `picture` the hash of one.

    A draft, which never was for sale, is withdrawn by `draft`.
    """

    product: UUID
    line: str
    family: str
    version: str
    editions: list[EntryEditionView]
    rrp: RangeView | None
    picture: str | None
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None


class FoundEntriesView(Listing[EntryView]):
    """Products of the list; `meant` is what was looked for where nothing has the words of the search."""

    meant: str | None = None


class OfferView(View):
    """Where an article is listed: its prices now, and from when until when it is sold there."""

    channel: str
    prices: list[AmountView]
    sellable_from: datetime
    sellable_until: datetime | None


class ArticleView(View):
    """An article of an edition, wherever it is listed."""

    sku: str
    fulfilment: str
    delivery_days: DeliveryDaysView | None
    rrp: list[AmountView]
    offers: list[OfferView]


class StaffEditionView(View):
    """An edition with all its articles."""

    edition: UUID
    code: str
    name: str
    description: str
    variants: list[ArticleView]


class StaffProductView(View):
    """A whole product, in all channels, for sale or not."""

    product: UUID
    family_id: UUID
    line_id: UUID
    line: str
    family: str
    version: str
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    editions: list[StaffEditionView]


@routes.get("/assortment", allow=STAFF)
async def list_assortment(
    read: Read,
    caller: Caller,
    page: Page,
    state: bodies.State = "all",
    channel: bodies.Code | None = None,
    search: bodies.Words | None = None,
    sort: bodies.Sort = "name",
    descending: bool = False,
) -> FoundEntriesView:
    """All products, those withdrawn among them; `channel` shows those that it lists, `search` looks at SKUs too.

    Where nothing has the words of `search`, `meant` is what was looked for instead.
    """
    after = page.after(tuple[str, UUID])
    wanted = Wanted(state, channel, None, sort, descending, after, page.limit + 1)
    found, meant = await finding.find(
        read, caller.tenant, search, lambda asked: assortment.page(read, caller.tenant, replace(wanted, asked=asked))
    )
    listed = listing(found, page, lambda row: (row.key, row.id), _entry)
    return FoundEntriesView.model_construct(items=listed.items, next=listed.next, meant=meant)


@routes.get("/assortment/{product}", allow=STAFF)
async def view_assorted(read: Read, caller: Caller, product: UUID) -> StaffProductView:
    """A product with its articles and what each channel asks for them now, whether it is for sale or not."""
    found = await documents.find(read, caller.tenant, product)
    if found is None:
        raise ProductUnknown
    return _product(caller.tenant, found, read.now)


def _entry(row: Row) -> EntryView:
    rrp: dict[str, Any] | None = None
    if row.currency is not None:
        rrp = {"currency": row.currency, "lowest": row.lowest, "highest": row.highest}
    return EntryView.model_validate(
        {
            "product": row.id,
            "line": row.line,
            "family": row.family,
            "version": row.version,
            "editions": row.editions,
            "rrp": rrp,
            "picture": row.picture,
            "published_at": row.published_at,
            "withdrawn_at": row.withdrawn_at,
            "withdrawn_by": row.withdrawn_by,
        }
    )


def _product(tenant: str, stored: StoredProduct, now: datetime) -> StaffProductView:
    product: Product = stored.product
    return StaffProductView(
        product=product.id,
        family_id=family_id(tenant, product.family),
        line_id=line_id(tenant, product.line),
        line=product.line,
        family=product.family,
        version=product.version,
        published_at=stored.published_at,
        withdrawn_at=stored.withdrawn_at,
        withdrawn_by=stored.withdrawn_by,
        editions=[
            StaffEditionView(
                edition=edition_id(product.id, edition.code),
                code=edition.code,
                name=edition.name,
                description=edition.description,
                variants=[_article(variant, now) for variant in edition.variants],
            )
            for edition in product.editions
        ],
    )


def _article(variant: Variant, now: datetime) -> ArticleView:
    facts = {
        "sku": variant.sku,
        "fulfilment": variant.fulfilment,
        "delivery_days": variant.settings.delivery_days,
        "rrp": current(variant.rrp, now),
        "offers": [
            {
                "channel": listing.channel,
                "prices": current(listing.prices, now),
                "sellable_from": listing.sellable_from,
                "sellable_until": listing.sellable_until,
            }
            for listing in variant.listings
        ],
    }
    return ArticleView.model_validate(facts, from_attributes=True)
