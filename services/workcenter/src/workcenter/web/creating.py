"""Making a product from nothing, as a draft: one edition, one article, a price in each channel that is to sell it."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from contracts.currencies import CURRENCIES
from pages.forms import Sent
from pages.site import HTML, see
from pages.visit import Visit
from pydantic import Field

from pages import forms
from workcenter.domain.amounts import AmountUnreadable, minor_units
from workcenter.domain.delivery_days import LEAST, MOST, DaysUnreadable, delivery_days
from workcenter.domain.readiness import BOXED
from workcenter.domain.roles import SALES
from workcenter.web.articles import currencies
from workcenter.web.desk import FORM, Desk, Sku, may, noted, session_of

routes = Routes()
PAGE: Final = "/articles/new"
DIRECT: Final = "direct"
# what was refused as a whole, and beside which field it is told
FAULTS: Final = {"product-taken": {"version": "product-taken"}}
Name = Annotated[str, Field(min_length=1, max_length=120)]
Title = Annotated[str, Field(max_length=120)]
LANGUAGES: Final = ("de", "en")
# what has names by language, and where catalog takes them
NAMED: Final = {"title": "texts", "line": "line_texts"}
Channels = list[dict[str, Any]]


class NewProduct(forms.Form):
    """A product with its edition and its article; what each channel asks for it stands in fields of the channels."""

    line: Name
    family: Name
    version: Name
    edition_name: Name
    edition: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
    sku: Sku
    fulfilment: Literal["download", "boxed"]
    days_least: Annotated[str, Field(max_length=10)] = ""
    days_most: Annotated[str, Field(max_length=10)] = ""
    tax_class: Literal["standard", "reduced"]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    rrp: Annotated[str, Field(min_length=1, max_length=20)]
    once: UUID
    title_de: Title = ""
    title_en: Title = ""
    line_de: Title = ""
    line_en: Title = ""


@routes.get(PAGE, also={200: HTML})
async def form(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """A form for a product that there is not yet."""
    visit = await _received(read, begin, request, desk)
    return _page(desk, visit, await _channels(desk, visit), None)


@routes.post("/articles", takes=FORM, also={303: None, 422: HTML})
async def create(read: Read, begin: Begin, request: web.Request, desk: Desk) -> web.Response:
    """Make a draft of a product that there is not yet; what is in the way is told beside the fields."""
    visit = await _received(read, begin, request, desk)
    sent = await forms.read(request, visit, NewProduct)
    channels = await _channels(desk, visit)
    if sent.model is None:
        return _page(desk, visit, channels, sent)
    body, faults = body_of(sent.model, sent, channels)
    if faults:
        return _page(desk, visit, channels, sent.refused(faults))
    try:
        made = await desk.upstream.post(visit, "catalog", "/assortment", body, key=str(sent.model.once))
    except Problem as refused:
        if refused.status not in (409, 422):
            raise
        places = enumerate(body["offers"])
        known = {f"offers.{n}.{part}": _field(one) for n, one in places for part in ("channel", "amount")}
        known["delivery_days"] = LEAST
        faults = FAULTS.get(refused.kind) or forms.refused(refused, known)
        note = "" if faults else f"refused-{refused.kind}"
        return _page(desk, visit, channels, sent.refused(faults), note=note)
    return see(noted(f"/articles/{made['product']}", "done-created"))


async def _received(read: Read, begin: Begin, request: web.Request, desk: Desk) -> Visit:
    visit = await desk.receive(read, begin, request)
    if not may(visit, SALES):
        raise Problem(403, "forbidden", "Your role does not allow this.")
    return visit


async def _channels(desk: Desk, visit: Visit) -> Channels:
    return await desk.upstream.items(visit, "catalog", "/channels", tenant=session_of(visit).tenant)


def _page(
    desk: Desk, visit: Visit, channels: Channels, sent: Sent[NewProduct] | None, *, note: str = ""
) -> web.Response:
    return desk.page(
        visit,
        "article-new.html",
        status=200 if sent is None else 422,
        place=PAGE,
        channels=channels,
        currencies=currencies(),
        sent=sent,
        once=uuid4(),
        note=note,
    )


def body_of(model: NewProduct, sent: Sent[NewProduct], channels: Channels) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what catalog is asked for, and what cannot be read, by its field."""
    if model.currency not in CURRENCIES:
        return {}, {"currency": "invalid"}
    decimals = CURRENCIES[model.currency].decimals
    faults: dict[str, str] = {}

    def amount(field: str, typed: str) -> int:
        try:
            return minor_units(typed[:40], decimals)
        except AmountUnreadable:
            faults[field] = "amount"
            return 0

    named = {f"{part}_{one}" for part in NAMED for one in LANGUAGES}
    body: dict[str, Any] = model.model_dump(exclude={"once", LEAST, MOST, *named})
    try:
        days = delivery_days(model.days_least, model.days_most)
        if days is not None:
            body["delivery_days"] = days
        elif model.fulfilment == BOXED:
            faults[LEAST] = "missing"
    except DaysUnreadable as unreadable:
        faults |= unreadable.faults
    body |= {NAMED[part]: _titles(model, part) for part in NAMED}
    body |= {"rrp": amount("rrp", model.rrp), "offers": [], "draft": True}
    for one in channels:
        field = _field(one)
        typed = sent.typed.get(field, "").strip()
        if typed:
            asked = {} if one["kind"] == DIRECT else {"amount": amount(field, typed)}
            body["offers"].append({"channel": one["channel"], **asked})
    return body, faults


def _titles(model: NewProduct, part: str) -> dict[str, dict[str, str]]:
    """Return what a part is called, by each language in which it is."""
    typed = {one: str(getattr(model, f"{part}_{one}")).strip() for one in LANGUAGES}
    return {one: {"title": title} for one, title in typed.items() if title}


def _field(channel: dict[str, Any]) -> str:
    """Return the name of a channel's field: ticked for a direct one, an amount for a partner's."""
    return f"channel-{channel['channel']}"
