"""Serve the list and the product with handlers written by hand.

Usage: DATABASE_URL= HTTP_PORT= python -m benchmarks.catalogue.bare
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from aiohttp import web
from catalog.domain.product import edition_id, family_id, line_id
from catalog.domain.words import Asked
from catalog.store.documents import ONE, PAGE
from catalog.store.files import OF as FILES
from catalog.store.presentations import OF as PRESENTATIONS
from catalog.web.markdown import html

from benchmarks.reference import Pool, serve

MOST = 500
BRIEF = ("title", "summary")
FORMATTED = ("description", "requirements")


def routes(app: web.Application, pool: Pool) -> None:
    """Add both routes, with catalog's own statements."""

    async def list_products(request: web.Request) -> web.Response:
        query, now = request.query, datetime.now(UTC)
        limit = int(query.get("limit", "50"))
        if not 1 <= limit <= MOST or not query["tenant"] or not query["channel"]:
            return web.Response(status=422)
        after = position(query["cursor"]) if "cursor" in query else None
        asked = Asked.read(query["search"]) if query.get("search") else None
        wanted = Wanted(query["tenant"], query["channel"], query.get("market"), query.get("customer_type"), now)
        found = await pool.fetch(
            *(PAGE, wanted.tenant, now, wanted.channel, query.get("line"), asked and asked.typed, after),
            *(wanted.market, wanted.customer_type, limit + 1, asked and asked.folded, asked and asked.query),
        )
        sold = [product for row in found[:limit] if (product := view(row["document"], wanted)) is not None]
        subjects = [subject for product in sold for subject in subjects_of(product)]
        shown = {row["subject"]: brief(row) for row in await pool.fetch(PRESENTATIONS, wanted.tenant, subjects)}
        items = [product | {"presentations": chosen(product, shown)} for product in sold]
        following = cursor(str(items[-1]["product"])) if len(found) > limit else None
        return answer(request, {"items": items, "next": following, "meant": None})

    async def view_product(request: web.Request) -> web.Response:
        query, now = request.query, datetime.now(UTC)
        wanted = Wanted(query["tenant"], query["channel"], query.get("market"), query.get("customer_type"), now)
        row = await pool.fetchrow(ONE, wanted.tenant, now, wanted.channel, UUID(request.match_info["product"]))
        if row is None or row["withdrawn_at"] is not None:
            return web.Response(status=404)
        product = view(row["document"], wanted)
        if product is None:
            return web.Response(status=404)
        rows = await pool.fetch(PRESENTATIONS, wanted.tenant, list(subjects_of(product)))
        shown = {row["subject"]: presentation(row) for row in rows}
        skus = [variant["sku"] for edition in product["editions"] for variant in edition["variants"]]
        files = {row["sku"]: orjson.loads(row["files"]) for row in await pool.fetch(FILES, wanted.tenant, skus)}
        return answer(request, product | {"presentations": chosen(product, shown), "files": files})

    app.router.add_get("/products", list_products)
    app.router.add_get("/products/{product}", view_product)


class Wanted(NamedTuple):
    """What is asked for, by whom and when."""

    tenant: str
    channel: str
    market: str | None
    customer_type: str | None
    now: datetime


def position(text: str) -> UUID:
    """Return behind which product a page begins."""
    return UUID(orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))[0])


def cursor(product: str) -> str:
    """Return the product behind which the next page begins, as a text for addresses."""
    return base64.urlsafe_b64encode(orjson.dumps([product])).rstrip(b"=").decode()


def view(document: str, wanted: Wanted) -> dict[str, Any] | None:
    """Return what a channel offers of a product, or None for nothing."""
    product = orjson.loads(document)
    editions: list[dict[str, Any]] = []
    amounts: dict[str, list[int]] = {}
    for edition in product["editions"]:
        variants: list[dict[str, Any]] = []
        for variant in edition["variants"]:
            for listing in variant["listings"]:
                if listing["channel"] != wanted.channel or not is_for(listing, wanted):
                    continue
                for price in listing["prices"]:
                    amounts.setdefault(price["currency"], []).append(price["amount"])
                variants.append(article(variant, listing))
        if variants:
            head = {name: edition[name] for name in ("code", "name", "description")}
            edition_of = edition_id(UUID(product["id"]), edition["code"])
            editions.append({"edition": edition_of} | head | {"variants": variants})
    if not editions:
        return None
    ranges = [{"currency": of, "lowest": min(found), "highest": max(found)} for of, found in sorted(amounts.items())]
    return {
        "product": product["id"],
        "family_id": family_id(wanted.tenant, product["family"]),
        "line_id": line_id(wanted.tenant, product["line"]),
        **{name: product[name] for name in ("line", "family", "version")},
        "price_ranges": ranges,
        "editions": editions,
    }


def subjects_of(product: dict[str, Any]) -> Iterator[UUID]:
    """Yield the ids of what may be described of a product."""
    yield UUID(product["product"])
    yield product["family_id"]
    yield product["line_id"]
    for edition in product["editions"]:
        yield edition["edition"]


def chosen(product: dict[str, Any], shown: dict[UUID, Any]) -> dict[str, Any]:
    """Return what is described of a product."""
    return {str(subject): shown[subject] for subject in subjects_of(product) if subject in shown}


def brief(row: Any) -> dict[str, Any]:
    """Return how a list describes a subject."""
    texts = orjson.loads(row["texts"])
    short = {language: {name: text[name] for name in BRIEF} for language, text in texts.items()}
    return {"texts": short, "picture": picture(row)}


def presentation(row: Any) -> dict[str, Any]:
    """Return how a page describes a subject."""
    texts = orjson.loads(row["texts"])
    formatted = {
        language: text | {f"{name}_html": html(text[name]) for name in FORMATTED} for language, text in texts.items()
    }
    support = {name: row[name] for name in ("support_contact", "supported_until", "secure_until")}
    return {"texts": formatted, **support, "picture": picture(row)}


def picture(row: Any) -> dict[str, Any] | None:
    """Return a picture, or None."""
    if row["hash"] is None:
        return None
    return {name: row[name] for name in ("hash", "width", "height")} | {"alt": orjson.loads(row["alt"])}


def is_for(listing: dict[str, Any], wanted: Wanted) -> bool:
    """Return whether a listing is for sale now, and to such a buyer."""
    until = listing["sellable_until"]
    return (
        datetime.fromisoformat(listing["sellable_from"]) <= wanted.now
        and (until is None or wanted.now < datetime.fromisoformat(until))
        and bool(listing["prices"])
        and (wanted.market is None or wanted.market in listing["markets"])
        and (wanted.customer_type is None or wanted.customer_type in listing["customer_types"])
    )


def article(variant: dict[str, Any], listing: dict[str, Any]) -> dict[str, Any]:
    """Return an article."""
    settings = variant["settings"]
    return {
        "sku": variant["sku"],
        "fulfilment": variant["fulfilment"],
        "tax_class": variant["tax_class"],
        "prices": [amount(price) for price in listing["prices"]],
        "rrp": [amount(price) for price in variant["rrp"]],
        "sellable_until": listing["sellable_until"],
        "markets": sorted(listing["markets"]),
        "customer_types": sorted(listing["customer_types"]),
        "link_validity_days": settings["link_validity_days"],
        "download_limit": settings["download_limit"],
        "key_source": settings["key_source"],
        "devices": settings["devices"],
        "delivery_days": settings["delivery_days"],
    }


def amount(price: dict[str, Any]) -> dict[str, Any]:
    """Return a price without its date."""
    return {"amount": price["amount"], "currency": price["currency"]}


def answer(request: web.Request, content: dict[str, Any]) -> web.Response:
    """Return an answer as JSON that may be kept for a minute; only that it is the same where it is known already."""
    body = orjson.dumps(content)
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=60"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


if __name__ == "__main__":
    serve(routes)
