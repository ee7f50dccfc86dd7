"""The texts that the law asks for: of the shop in each version, and the seller's notice of the right of withdrawal."""

from typing import Annotated, Any, Literal

from aiohttp import web
from chassis.db import Begin, Read
from chassis.identity import Caller
from chassis.web import Listing, Routes, View, not_found
from pages.site import HTML
from pydantic import Field

from storefront.domain import legal
from storefront.store import shops, texts
from storefront.web.front import Call, Front

routes = Routes()
Kind = Literal["imprint", "privacy", "terms"]
Version = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(_[0-9]{1,3})?$")]
PAGE: dict[int, Any] = {200: HTML}


class MissingView(View):
    """A text that a shop lacks in a language."""

    text: str
    language: str


class ShopView(View):
    """A shop, where it is, and the texts that the law asks for and it lacks."""

    shop: str
    name: str
    hosts: list[str]
    missing: list[MissingView]


@routes.get("/shops", allow=("sales", "operator", "administrator"))
async def list_shops(read: Read, caller: Caller) -> Listing[ShopView]:
    """The open shops of a tenant, for its staff."""
    found = [shop for shop in await shops.all_open(read) if shop.tenant == caller.tenant]
    return Listing(
        items=[
            ShopView(
                shop=shop.id,
                name=shop.brand.name,
                hosts=list(shop.hosts),
                missing=[MissingView(text=kind, language=language) for kind, language in legal.missing(shop.brand)],
            )
            for shop in found
        ]
    )


@routes.get("/texts/withdrawal", also=PAGE)
async def withdrawal_notice(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The seller's notice of the right of withdrawal, for what the shop sells, with the model form."""
    call = await front.receive(read, begin, request)
    ways = {
        variant["fulfilment"]
        for product in await front.products(call.shop)
        for edition in product["editions"]
        for variant in edition["variants"]
    }
    pieces = {way: int(way in ways or (way == "download" and not ways)) for way in ("download", "boxed")}
    found = (await wordings(front, call, await channel_of(front, call), pieces)).get("withdrawal_notice")
    if found is None:
        raise not_found()
    return front.page(call, "text.html", name="withdrawal_notice", text=found["text"], version=None, others=[])


@routes.get("/texts/{name}", also=PAGE)
async def text(read: Read, begin: Begin, request: web.Request, front: Front, name: Kind) -> web.Response:
    """A text that the law asks for, as it holds now."""
    return await _page(front, await front.receive(read, begin, request), read, name, None)


@routes.get("/texts/{name}/{version}", also=PAGE)
async def text_version(
    read: Read, begin: Begin, request: web.Request, front: Front, name: Kind, version: Version
) -> web.Response:
    """A text as it was in a version; orders name the one of the terms that they were placed by."""
    return await _page(front, await front.receive(read, begin, request), read, name, version)


async def channel_of(front: Front, call: Call) -> Any:
    """Return the channel that the shop sells."""
    return await front.channel(call.shop)


async def wordings(front: Front, call: Call, channel: dict[str, Any], pieces: dict[str, int]) -> dict[str, Any]:
    """Return the wordings that orders has for a checkout of so many pieces, by kind."""
    asked = {"language": call.visit.language, "tenant": call.shop.tenant, "seller": channel["seller"], **pieces}
    found = await front.upstream.items(None, "orders", "/checkout-texts", **asked)
    return {one["kind"]: one for one in found}


async def terms_of(read: Read, call: Call) -> legal.Text | None:
    """Return the shop's terms as they hold now, in the visitor's language or else in the other."""
    found = await texts.latest(read, call.shop.id)
    return next((found["terms", one] for one in _languages(call) if ("terms", one) in found), None)


async def _page(front: Front, call: Call, read: Read, kind: str, version: str | None) -> web.Response:
    for language in _languages(call):
        known = await texts.versions(read, call.shop.id, kind, language)
        shown = next((one for one in known if version in (None, one.version)), None)
        if shown is not None:
            others = [one for one in known if one is not shown]
            return front.page(call, "text.html", name=kind, text=shown.text, version=shown, others=others)
    raise not_found()


def _languages(call: Call) -> list[str]:
    return [call.visit.language, *(one for one in legal.LANGUAGES if one != call.visit.language)]
