"""The cart, which the browser keeps: it survives without an account."""

from typing import Annotated, Any

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Routes
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.domain import net, shipping, showcase
from storefront.domain.cart import MOST_IN_ALL, MOST_PIECES
from storefront.web.front import Call, Front

routes = Routes()
FORM = (forms.FORM,)


class Put(forms.Form):
    """An article for the cart."""

    sku: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    quantity: Annotated[int, Field(ge=0, le=MOST_PIECES)] = 1


@routes.get("/cart", also={200: HTML})
async def cart(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """What is in the cart, at today's prices."""
    return await _page(front, await front.receive(read, begin, request))


@routes.post("/cart", takes=FORM, also={200: HTML, 303: None})
async def put(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Put an article into the cart."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Put)
    response = see("/cart")
    if sent.model is not None:
        front.keep_cart(response, call.cart.put(sent.model.sku, sent.model.quantity))
    return response


@routes.post("/cart/lines", takes=FORM, also={303: None, 422: HTML})
async def change(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Change how many there are of an article; none takes it out, and what is no such number is asked for again."""
    call = await front.receive(read, begin, request)
    sent = await forms.read(request, call.visit, Put)
    if sent.model is None:
        return await _page(front, call, sent)
    response = see("/cart")
    front.keep_cart(response, call.cart.set(sent.model.sku, sent.model.quantity))
    return response


async def _page(front: Front, call: Call, sent: forms.Sent[Put] | None = None) -> web.Response:
    lines = await cart_lines(front, call)
    return front.page(
        call,
        "cart.html",
        status=422 if sent else 200,
        lines=lines,
        gone=len(call.cart.lines) - len(lines),
        sums=totals(lines),
        without=without_tax(lines),
        destinations=shipping.countries(lines),
        sent=sent,
        most=MOST_PIECES,
        most_in_all=MOST_IN_ALL,
    )


async def cart_lines(front: Front, call: Call) -> list[dict[str, Any]]:
    """Return the lines of the cart with what the catalogue says of each; what is not sold any more is left out."""
    offers = {
        variant["sku"]: (product, edition, variant)
        for product in await front.products(call.shop)
        for edition in product["editions"]
        for variant in edition["variants"]
    }
    used_up, rates = await front.used_up(call.shop), await front.rates(call.shop)
    lines: list[dict[str, Any]] = []
    for sku, count in call.cart.lines.items():
        if sku in offers:
            product, edition, variant = offers[sku]
            price = variant["prices"][0]
            lines.append(
                {
                    "sku": sku,
                    "product": product["product"],
                    "name": showcase.title_of(product, edition, call.visit.language),
                    "fulfilment": variant["fulfilment"],
                    "delivery_days": variant.get("delivery_days"),
                    "markets": variant["markets"],
                    "key_follows": showcase.key_follows(variant, used_up),
                    "business_only": variant.get("customer_types") == ["business"],
                    "quantity": count,
                    "price": price["amount"],
                    "shown": showcase.shown_amount(price),
                    "rate": rates.get(variant["tax_class"]),
                    "currency": price["currency"],
                    "sum": price["amount"] * count,
                }
            )
    return lines


def without_tax(lines: list[dict[str, Any]]) -> net.Sums | None:
    """Return what lines cost without VAT, and the VAT by rate; None where prices are shown with it."""
    if not lines or any(line["rate"] is None for line in lines) or len(totals(lines)) > 1:
        return None
    return net.sums([(line["sum"], line["rate"]) for line in lines])


def totals(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return the sum by currency."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line["currency"]] = sums.get(line["currency"], 0) + line["sum"]
    return sums
