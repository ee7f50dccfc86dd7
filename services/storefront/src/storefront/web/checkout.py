"""The checkout: address, way of paying, both statements, and one button that orders with obligation to pay."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from aiohttp import web
from chassis.db import Begin, Read
from chassis.web import Problem, Routes
from pages.acting import acting_of
from pages.site import HTML, see
from pydantic import Field

from pages import forms
from storefront.domain import shipping
from storefront.domain.cart import Cart
from storefront.domain.leaving import is_leaving
from storefront.domain.legal import Text as LegalText
from storefront.web import elsewhere
from storefront.web.account.room import maybe
from storefront.web.carts import cart_lines, totals, without_tax
from storefront.web.front import Call, Front
from storefront.web.legal import channel_of, terms_of, wordings
from storefront.web.paying import open_payment

routes = Routes()
Text = Annotated[str, Field(min_length=1, max_length=200, repr=False)]
# the fields of the form, by those of an order's body
FIELDS = {
    "billing_address.name": "name",
    "billing_address.street": "street",
    "billing_address.postal_code": "postal_code",
    "billing_address.city": "city",
    "billing_address.country": "country",
    "vat_id": "vat_id",
    "coupon": "coupon",
    **elsewhere.FIELDS,
}
ADDRESS = ("name", "street", "postal_code", "city", "country")
# the fields that a refusal is about, where it does not name one itself
ABOUT = {"coupon-refused": "coupon", "coupon-used": "coupon"}


class Order(elsewhere.Elsewhere):
    """What an order needs beside the cart; `consent` are the versions of the statements that were made.

    `shown` and `promised` are what it cost when the page was shown, and how long boxes take.

    `acting` is the organisation for which it was to be when the page was shown, `organisation` the one that is chosen
    there, where one can be; none: for the customer.
    """

    acting: Annotated[str, Field(max_length=36)] = ""
    organisation: Annotated[str, Field(max_length=36)] | None = None
    once: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    customer_type: Literal["consumer", "business"] = "consumer"
    name: Text
    street: Text
    postal_code: Annotated[str, Field(min_length=1, max_length=16, repr=False)]
    city: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    company: Annotated[str, Field(max_length=200, repr=False)] = ""
    vat_id: Annotated[str, Field(max_length=20, repr=False)] = ""
    purchase_number: Annotated[str, Field(max_length=64)] = ""
    coupon: Annotated[str, Field(max_length=200)] = ""
    payment_method: Literal["card", "transfer"]
    immediate_delivery: Annotated[str, Field(max_length=32)] = ""
    withdrawal_lost: Annotated[str, Field(max_length=32)] = ""
    shown: Annotated[int, Field(ge=0)]
    promised: Annotated[str, Field(max_length=10_000)] = ""
    terms: Annotated[str, Field(max_length=32)] = ""


@routes.get("/checkout", also={200: HTML, 303: None})
async def view_checkout(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """The form of an order."""
    call = await front.customer(read, begin, request)
    return await _page(front, call, read) if call.cart.pieces else see("/cart")


@routes.post("/checkout", takes=(forms.FORM,), also={200: HTML, 303: None, 403: HTML, 409: HTML, 422: HTML, 429: HTML})
async def order(read: Read, begin: Begin, request: web.Request, front: Front) -> web.Response:
    """Order with obligation to pay; the same form again is the same order."""
    call = await front.customer(read, begin, request)
    sent = await forms.read(request, call.visit, Order)
    if "apply" in sent.typed:
        return await _quoted(front, call, read, sent)
    if sent.model is None:
        return await _page(front, call, read, sent, status=422)
    lines = await cart_lines(front, call)
    if not lines:
        return see("/cart")
    form = sent.model
    terms = await terms_of(read, call)
    if form.terms != (terms.version if terms else ""):
        return await _page(front, call, read, sent, status=409, refusal="terms-changed")
    if form.organisation not in (None, form.acting):
        return await _page(front, call, read, sent, status=409, refusal="not-switched")
    if form.acting != _acting(call):
        return await _page(front, call, read, sent, status=409, refusal="acting-changed")
    if form.shown != sum(line["sum"] for line in lines):
        return await _page(front, call, read, sent, status=409, refusal="price-changed")
    if form.promised != shipping.promised(lines):
        return await _page(front, call, read, sent, status=409, refusal="delivery-changed")
    if form.gaps and shipping.countries(lines):
        return await _page(front, call, read, sent.refused(form.gaps), status=422, refusal="invalid")
    if refusal := _contradicts(form, lines):
        return await _page(front, call, read, sent, status=422, refusal=refusal)
    try:
        placed = await front.upstream.post(
            call.visit, "orders", "/orders", _body(call, form, lines, terms), key=form.once
        )
    except Problem as refused:
        if refused.status not in (409, 422, 429) and refused.kind != "buys-nothing":
            raise
        return await _refused(front, call, read, sent, refused)
    response = await _lead(front, call, placed["order"], form.payment_method)
    front.keep_cart(response, Cart())
    return response


async def _quoted(front: Front, call: Call, read: Read, sent: forms.Sent[Order]) -> web.Response:
    """Show the form with the new sum, or with why the coupon does not count; nothing is ordered."""
    lines = await cart_lines(front, call)
    if not lines:
        return see("/cart")
    typed = sent.typed
    if not typed.get("coupon", "").strip():
        return await _page(front, call, read, sent.refused({"coupon": "missing"}), status=422)
    body = {
        "channel": call.shop.channel,
        "customer_type": "business" if typed.get("customer_type") == "business" or _acting(call) else "consumer",
        "country": typed.get("country", ""),
        "currency": lines[0]["currency"],
        "lines": _wanted(lines),
        "coupon": typed["coupon"],
    }
    try:
        quote = await front.upstream.post(call.visit, "orders", "/quotes", body)
    except Problem as refused:
        if refused.status not in (409, 422, 429) and refused.kind != "buys-nothing":
            raise
        return await _refused(front, call, read, sent, refused)
    return await _page(front, call, read, sent.refused({}), quote=quote)


async def _refused(front: Front, call: Call, read: Read, sent: forms.Sent[Order], refused: Problem) -> web.Response:
    """Show the form again: with the reason beside the field that it is about, or above where it is about none."""
    faults = {name: rule for name, rule in forms.refused(refused, FIELDS).items() if name}
    about = ABOUT.get(refused.kind) or refused.members.get("about")
    if about and not (about == "vat_id" and _acting(call)):  # that of an organisation stands in no field
        faults = {about: f"{refused.kind}-{about}"}
    refusal = "invalid" if faults else refused.kind
    return await _page(front, call, read, sent.refused(faults), status=refused.status, refusal=refusal)


def _contradicts(form: Order, lines: list[dict[str, Any]]) -> str:
    """Return what a form says that cannot all be meant; it is not guessed, for somebody's rights follow from it."""
    business = form.customer_type == "business" or bool(form.acting)
    if not business and (form.company.strip() or form.vat_id.strip()):
        return "company-missing"
    if not business and any(line["business_only"] for line in lines):
        return "business-only"
    one_alone = bool(form.immediate_delivery) != bool(form.withdrawal_lost)
    downloads = any(line["fulfilment"] == "download" for line in lines)
    return "consent-incomplete" if downloads and one_alone and not business else ""


async def _lead(front: Front, call: Call, order_id: str, method: str) -> web.Response:
    if method == "card" and (payment := await open_payment(front, call, order_id)) is not None:
        return see(f"/orders/{order_id}/payment/{payment}")
    return see(f"/orders/{order_id}")


def _body(call: Call, form: Order, lines: list[dict[str, Any]], terms: LegalText | None) -> dict[str, Any]:
    business = form.customer_type == "business" or bool(form.acting)
    consents = {"immediate_delivery": form.immediate_delivery, "withdrawal_lost": form.withdrawal_lost}
    given = [{"kind": kind, "version": version} for kind, version in consents.items() if version]
    body: dict[str, Any] = {
        "channel": call.shop.channel,
        "customer_type": "business" if business else "consumer",
        "language": call.visit.language,
        "currency": lines[0]["currency"],
        "payment_method": form.payment_method,
        "lines": _wanted(lines),
        # businesses are not asked
        "consents": given if len(given) == len(consents) and not business else [],
        "billing_address": {
            "name": form.name,
            "street": form.street,
            "postal_code": form.postal_code,
            "city": form.city,
            "country": form.country,
        },
    }
    if terms is not None:
        body["terms_version"] = f"{call.shop.id}.{terms.language}.{terms.version}"
    more = {"company": form.company, "vat_id": form.vat_id, "purchase_number": form.purchase_number}
    body |= {name: value for name, value in (more | {"coupon": form.coupon}).items() if value}
    if any(line["fulfilment"] == "boxed" for line in lines):
        body["shipping_address"] = form.destination or body["billing_address"]
    return body


def _wanted(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"sku": line["sku"], "quantity": line["quantity"], "price": line["price"]} for line in lines]


def _acting(call: Call) -> str:
    """Return the organisation for which the customer acts, empty where they act for themself."""
    acting = acting_of(call.visit.session)
    return acting.id if acting else ""


async def _page(
    front: Front,
    call: Call,
    read: Read,
    sent: forms.Sent[Order] | None = None,
    *,
    status: int = 200,
    refusal: str = "",
    quote: dict[str, Any] | None = None,
) -> web.Response:
    lines = await cart_lines(front, call)
    pieces = {"download": 0, "boxed": 0}
    for line in lines:
        pieces[line["fulfilment"]] += line["quantity"]
    channel = await channel_of(front, call)
    texts = await wordings(front, call, channel, pieces)
    organisations = await front.upstream.items(call.visit, "accounts", "/organisations")
    last: dict[str, Any] | None = None if sent else await maybe(front, call, "orders", "/me/last-address")
    me = await maybe(front, call, "accounts", "/me")
    return front.page(
        call,
        "checkout.html",
        leaving=is_leaving(me),
        organisations=organisations,
        status=status,
        lines=lines,
        sums=totals(lines),
        without=without_tax(lines),
        pieces=pieces,
        destinations=shipping.countries(lines),
        promised=shipping.promised(lines),
        texts=texts,
        terms=await terms_of(read, call),
        channel=channel,
        sent=sent,
        once=(sent.typed.get("once") if sent else None) or str(uuid4()),
        refusal=refusal,
        quote=quote,
        last=(last["address"] if last else None) or dict.fromkeys(ADDRESS, ""),
    )
