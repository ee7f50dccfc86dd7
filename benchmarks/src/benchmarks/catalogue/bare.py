"""Serve the list and the product with handlers written by hand.

Usage: DATABASE_URL= HTTP_PORT= python -m benchmarks.catalogue.bare
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from catalog.store.documents import ONE, PAGE

from benchmarks.reference import Pool, serve

MOST = 500


def routes(app: web.Application, pool: Pool) -> None:
    """Add both routes, with catalog's own statements."""

    async def list_products(request: web.Request) -> web.Response:
        query, now = request.query, datetime.now(UTC)
        limit = int(query.get("limit", "50"))
        if not 1 <= limit <= MOST or not query["tenant"] or not query["channel"]:
            return web.Response(status=422)
        after = UUID(query["cursor"]) if "cursor" in query else None
        market, customer_type = query.get("market"), query.get("customer_type")
        wanted = (query.get("line"), query.get("search"), after, market, customer_type, limit + 1)
        rows = await pool.fetch(PAGE, query["tenant"], now, query["channel"], *wanted)
        found = [view(row["document"], query["channel"], market, customer_type, now) for row in rows[:limit]]
        items = [item for item in found if item is not None]
        return answer({"items": items, "next": items[-1]["product"] if len(rows) > limit else None})

    async def view_product(request: web.Request) -> web.Response:
        query, now = request.query, datetime.now(UTC)
        row = await pool.fetchrow(ONE, query["tenant"], now, query["channel"], UUID(request.match_info["product"]))
        if row is None or row["withdrawn_at"] is not None:
            return web.Response(status=404)
        shown = view(row["document"], query["channel"], query.get("market"), query.get("customer_type"), now)
        return web.Response(status=404) if shown is None else answer(shown)

    app.router.add_get("/products", list_products)
    app.router.add_get("/products/{product}", view_product)


def view(
    document: str, channel: str, market: str | None, customer_type: str | None, now: datetime
) -> dict[str, Any] | None:
    """Return what a channel offers of a product, or None for nothing."""
    product = orjson.loads(document)
    editions: list[dict[str, Any]] = []
    amounts: dict[str, list[int]] = {}
    for edition in product["editions"]:
        variants: list[dict[str, Any]] = []
        for variant in edition["variants"]:
            for listing in variant["listings"]:
                if listing["channel"] != channel or not is_for(listing, market, customer_type, now):
                    continue
                for price in listing["prices"]:
                    amounts.setdefault(price["currency"], []).append(price["amount"])
                variants.append(article(variant, listing))
        if variants:
            editions.append({name: edition[name] for name in ("code", "name", "description")} | {"variants": variants})
    if not editions:
        return None
    ranges = [{"currency": of, "lowest": min(found), "highest": max(found)} for of, found in sorted(amounts.items())]
    head = {name: product[name] for name in ("product", "line", "family", "version")}
    return head | {"price_ranges": ranges, "editions": editions}


def is_for(listing: dict[str, Any], market: str | None, customer_type: str | None, now: datetime) -> bool:
    """Return whether a listing is for sale now, and to such a buyer."""
    until = listing["sellable_until"]
    return (
        datetime.fromisoformat(listing["sellable_from"]) <= now
        and (until is None or now < datetime.fromisoformat(until))
        and bool(listing["prices"])
        and (market is None or market in listing["markets"])
        and (customer_type is None or customer_type in listing["customer_types"])
    )


def article(variant: dict[str, Any], listing: dict[str, Any]) -> dict[str, Any]:
    """Return an article."""
    settings = variant["settings"]
    return {
        "sku": variant["sku"],
        "fulfilment": variant["fulfilment"],
        "prices": [amount(price) for price in listing["prices"]],
        "rrp": [amount(price) for price in variant["rrp"]],
        "sellable_until": listing["sellable_until"],
        "markets": sorted(listing["markets"]),
        "customer_types": sorted(listing["customer_types"]),
        "link_validity_days": settings["link_validity_days"],
        "download_limit": settings["download_limit"],
        "key_source": settings["key_source"],
    }


def amount(price: dict[str, Any]) -> dict[str, Any]:
    """Return a price without its date."""
    return {"amount": price["amount"], "currency": price["currency"]}


def answer(content: dict[str, Any]) -> web.Response:
    """Return an answer as JSON."""
    return web.Response(body=orjson.dumps(content), content_type="application/json")


if __name__ == "__main__":
    serve(routes)
