"""Articles: what is for sale where, how it is delivered and licensed, and its prices."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from contracts.currencies import CURRENCIES
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field, field_validator

from pages import forms
from workcenter.domain.amounts import AmountUnreadable, minor_units
from workcenter.domain.delivery_days import DaysUnreadable, delivery_days
from workcenter.domain.readiness import bare, undated
from workcenter.domain.roles import FILES, SALES
from workcenter.web import drafting
from workcenter.web.asking import piece
from workcenter.web.desk import FORM, Desk, Note, Sku, Word, act, may, noted, session_of
from workcenter.web.tables import Asked, shown

routes = Routes()
AT_ONCE = 50
RRP = "rrp"
MISSING_PAGE: Final = "/articles/missing-files"
MISSING: Final = ("sku", "name", "lines", "since")
KEYS_PAGE: Final = "/articles/waiting-for-keys"
KEYS: Final = ("sku", "backordered", "orders")
# the currencies that are chosen first
USUAL: Final = ("EUR", "USD", "GBP", "CHF")
State = Literal["current", "for_sale", "draft", "withdrawn", "all"]
Sort = Literal["name", "line", "price", "changed"]


class Settings(forms.Form):
    """How an article is delivered and licensed."""

    link_validity_days: Annotated[int, Field(ge=1, le=3650)]
    download_limit: Annotated[int, Field(ge=1, le=1000)]
    key_source: Literal["none", "imported", "generated"]
    key_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,8}$")] = ""
    low_stock: Annotated[int, Field(ge=0, le=100_000)] = 5
    keys_per: Literal["unit", "purchase"] = "unit"
    devices: Annotated[int, Field(ge=1, le=10_000)] | None = None
    days_least: Annotated[str, Field(max_length=10)] | None = None
    days_most: Annotated[str, Field(max_length=10)] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What catalog is sent; the form of a box asks for its days as well. Raises DaysUnreadable."""
        facts = self.model_dump(exclude={"days_least", "days_most"})
        if self.days_least is None or self.days_most is None:
            return facts
        days = delivery_days(self.days_least, self.days_most)
        if days is None:
            raise DaysUnreadable({"days_least": "missing"})
        return facts | {"delivery_days": days}

    @field_validator("devices", mode="before")
    @classmethod
    def _any_number(cls, text: object) -> object:
        return None if text == "" else text


class Price(forms.Form):
    """A price of an article in a channel, or the recommended one, from a day on or at once."""

    sku: Sku
    where: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")]
    amount: Annotated[str, Field(min_length=1, max_length=20)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    valid_from: date | Literal[""] = ""
    once: UUID


class Sure(forms.Form):
    """Ticked by whoever means it."""

    sure: Literal["yes"]


@routes.get("/articles", also={200: HTML})
async def list_articles(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    state: State = "current",
    channel: Word = "",
    search: Word = "",
    sort: Sort = "name",
    descending: bool = False,
    cursor: Word | None = None,
    note: Note = "",
) -> web.Response:
    """All products: drafts and what is for sale, or what is withdrawn as well; those of a channel, or of any."""
    visit = await desk.receive(read, begin, request)
    channels = await desk.upstream.items(visit, "catalog", "/channels", tenant=session_of(visit).tenant)
    chosen = channel if channel in [one["channel"] for one in channels] else ""
    sought = {"state": state, "channel": chosen or None, "search": search.strip()[:100] or None}
    query = {**sought, "sort": sort, "descending": descending, "cursor": cursor}
    found = await piece(desk, visit, "catalog", "/assortment", **query, limit=AT_ONCE)
    meant = found.facts["meant"] if found.here else None
    return desk.page(
        visit,
        "articles.html",
        found=found,
        meant=meant,
        meant_at=_at(sought | {"search": meant}),
        channels=channels,
        channel=chosen,
        state=state,
        search=search,
        sort=sort,
        descending=descending,
        here=_at(sought),
        sells=may(visit, SALES),
        note=note,
    )


@routes.get("/articles/missing-files", also={200: HTML})
async def missing_files(
    read: Read,
    begin: Begin,
    request: web.Request,
    desk: Desk,
    sort: Word = "",
    descending: bool = False,
    find: Word = "",
) -> web.Response:
    """The articles that are paid and cannot be delivered."""
    visit = await desk.receive(read, begin, request)
    asked = Asked(sort, descending, find)
    source = ("delivery", "/missing-files")
    return await shown(desk, visit, "missing-files.html", source, MISSING_PAGE, MISSING, asked, paged=False)


@routes.get("/articles/waiting-for-keys", also={200: HTML})
async def waiting_for_keys(
    read: Read, begin: Begin, request: web.Request, desk: Desk, sort: Word = "", descending: bool = False
) -> web.Response:
    """The articles for whose keys customers wait, for no serial is left."""
    visit = await desk.receive(read, begin, request)
    asked, source = Asked(sort, descending), ("licensing", "/backorders")
    return await shown(desk, visit, "waiting-for-keys.html", source, KEYS_PAGE, KEYS, asked, paged=False)


@routes.get("/articles/{product}", also={200: HTML})
async def view(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, note: Note = ""
) -> web.Response:
    """A product with its articles, their prices in each channel, and their settings."""
    visit = await desk.receive(read, begin, request)
    found = await desk.upstream.get(visit, "catalog", f"/assortment/{product}")
    articles = _articles(found)
    listed = list(dict.fromkeys(channel for one in articles for channel in one["offers"]))
    draft = found["withdrawn_by"] == "draft"
    selling = (draft or found["withdrawn_at"] is None) and may(visit, SALES)
    face = await piece(desk, visit, "catalog", f"/presentations/{found['family_id']}")
    lacking = await drafting.lacks(desk, visit, found, face) if draft else []
    return desk.page(
        visit,
        "article.html",
        product=found,
        channels=listed,
        articles=articles,
        face=face,
        draft=draft,
        undated=undated(found),
        lacks=lacking,
        bare=bare(lacking),
        settings=await _settings(desk, visit, product, articles) if selling else {},
        currencies=currencies(_used(articles)),
        sells=selling,
        writes=may(visit, SALES, FILES),
        once=uuid4(),
        today=read.now.astimezone(desk.zone).date().isoformat(),
        note=note,
    )


@routes.post("/articles/{product}/settings/{sku}", takes=FORM, also={303: None})
async def set_settings(
    read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID, sku: Sku
) -> web.Response:
    """Deliver and license an article in another way."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Settings)).model
    here = f"/articles/{product}"
    if form is None:
        return see(noted(here, "refused-invalid"))
    try:
        body = form.body
    except DaysUnreadable:
        return see(noted(here, "refused-days"))
    path = f"/products/{product}/variants/{sku}/settings"
    return await act(desk.upstream.put(visit, "catalog", path, body), here, "settings")


@routes.post("/articles/{product}/prices", takes=FORM, also={303: None})
async def set_price(read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID) -> web.Response:
    """Set a price of a channel, or the recommended price."""
    visit = await desk.receive(read, begin, request)
    form = (await forms.read(request, visit, Price)).model
    here = f"/articles/{product}"
    if form is None or form.currency not in CURRENCIES:
        return see(noted(here, "refused-invalid"))
    try:
        amount = minor_units(form.amount, CURRENCIES[form.currency].decimals)
    except AmountUnreadable:
        return see(noted(here, "refused-amount"))
    body: dict[str, Any] = {"amount": amount, "currency": form.currency}
    if form.valid_from:
        body["valid_from"] = datetime.combine(form.valid_from, time(), desk.zone).isoformat()
    if form.where == RRP:
        path = f"/products/{product}/variants/{form.sku}/rrps"
    else:
        path, body["sku"] = f"/channels/{form.where}/prices", form.sku
    return await act(desk.upstream.post(visit, "catalog", path, body, key=str(form.once)), here, "price")


@routes.post("/articles/{product}/publication", takes=FORM, also={303: None})
async def publish(read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID) -> web.Response:
    """Sell a draft from now on; where shops would show nothing but its name, only for whoever means that."""
    visit = await desk.receive(read, begin, request)
    sure = (await forms.read(request, visit, Sure)).model is not None
    if not sure and await _bare(desk, visit, product):
        return see(noted(f"/articles/{product}", "refused-bare"))
    work = desk.upstream.post(visit, "catalog", f"/products/{product}/publication")
    return await act(work, f"/articles/{product}", "published")


@routes.post("/articles/{product}/withdrawal", takes=FORM, also={303: None})
async def withdraw(read: Read, begin: Begin, request: web.Request, desk: Desk, product: UUID) -> web.Response:
    """Sell a product no longer."""
    visit = await desk.receive(read, begin, request)
    if (await forms.read(request, visit, Sure)).model is None:
        return see(noted(f"/articles/{product}", "refused-unsure"))
    await desk.upstream.post(visit, "catalog", f"/products/{product}/withdrawal")
    return see("/articles?note=done-withdrawn")


def _at(sought: dict[str, str | None]) -> str:
    """Return where the list is that shows what is sought."""
    return "/articles?" + urlencode({name: value for name, value in sought.items() if value})


def currencies(used: Iterable[str] = ()) -> list[str]:
    """Return all currencies: those in use first, then the usual ones."""
    first = list(dict.fromkeys((*USUAL[:1], *sorted(set(used)), *USUAL)))
    return [*first, *sorted(CURRENCIES.keys() - set(first))]


def _articles(product: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the articles of a product, each with what each channel asks for it."""
    return [
        {"edition": edition, "variant": variant, "offers": {offer["channel"]: offer for offer in variant["offers"]}}
        for edition in product["editions"]
        for variant in edition["variants"]
    ]


async def _bare(desk: Desk, visit: Visit, product: UUID) -> bool:
    """Return whether shops would show neither text nor picture of a draft."""
    found = await desk.upstream.get(visit, "catalog", f"/assortment/{product}")
    face = await piece(desk, visit, "catalog", f"/presentations/{found['family_id']}")
    return bool(bare(await drafting.lacks(desk, visit, found, face)))


def _used(articles: list[dict[str, Any]]) -> set[str]:
    """Return the currencies in which articles have prices."""
    prices = [price for one in articles for price in one["variant"]["rrp"]]
    prices += [price for one in articles for offer in one["offers"].values() for price in offer["prices"]]
    return {price["currency"] for price in prices}


async def _settings(desk: Desk, visit: Visit, product: UUID, articles: list[dict[str, Any]]) -> dict[str, Any]:
    skus = [one["variant"]["sku"] for one in articles]
    parts = await asyncio.gather(
        *(piece(desk, visit, "catalog", f"/products/{product}/variants/{sku}/settings") for sku in skus)
    )
    return {sku: part.facts for sku, part in zip(skus, parts, strict=True) if part.here}
