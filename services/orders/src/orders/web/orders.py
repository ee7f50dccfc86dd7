"""The routes of orders."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Created, Listing, Page, Routes, listing
from contracts.accounts import CustomerClaims
from contracts.orders import CancelReason
from contracts.shared import CustomerType
from pydantic import AwareDatetime, Field

from orders.domain.rules import Rules
from orders.store import listing as lists
from orders.usecases import agreeing, cancelling, delivering, placing, pricing
from orders.web import bodies, views
from orders.web.access import CUSTOMER, READERS, acts_for, changeable, readable
from orders.web.limits import OrderRate

routes = Routes()


@routes.get("/orders/{order}", allow=READERS)
async def view_order(read: Read, caller: Caller, order: UUID) -> views.OrderView:
    """An order: the customer's own, one of the organisation that they act for, or any of the tenant for its staff."""
    return views.order_view(await readable(read, caller, order))


@routes.post("/orders", allow=CUSTOMER, creates=view_order, limit_caller=OrderRate)
async def place_order(tx: Tx, caller: Caller, body: bodies.PlaceOrder, rules: Rules) -> Created:
    """Order with obligation to pay.

    What is ordered for an organisation is a business's, and bears its name and VAT id, whatever the body has there.
    """
    acting = acts_for(caller)
    if acting is not None:
        acting.check_buys(as_business=body.customer_type is CustomerType.BUSINESS)
    posted_to = body.shipping_address or body.billing_address
    checkout = agreeing.Checkout(
        tenant=caller.tenant,
        customer_id=UUID(caller.subject),
        claims=CustomerClaims.model_validate(caller.claims),
        channel=body.channel,
        market=body.billing_address.country,
        customer_type=body.customer_type,
        language=body.language,
        currency=body.currency,
        payment_method=body.payment_method,
        items=[pricing.Item(line.sku, line.quantity, line.price) for line in body.lines],
        consents=[(consent.kind, consent.version) for consent in body.consents],
        billing_address=body.billing_address.model_dump_json(),
        postal_code=body.billing_address.postal_code,
        shipping_address=posted_to.model_dump_json(exclude_none=True),
        destination=(posted_to.country, posted_to.postal_code),
        company=body.company if acting is None else acting.name,
        vat_id=body.vat_id if acting is None else acting.vat_id,
        organisation_id=None if acting is None else acting.organisation,
        purchase_number=body.purchase_number,
        coupon=body.coupon,
        terms_version=body.terms_version,
    )
    placed = await placing.place_order(tx, checkout, rules)
    return Created(placed.order.id, views.order_view(placed))


@routes.get("/orders", allow=READERS)
async def list_orders(
    read: Read,
    caller: Caller,
    page: Page,
    state: str | None = None,
    customer: UUID | None = None,
    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None,
    number_ends: Annotated[str, Field(pattern=r"^[0-9]{3,12}$")] | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    to_ship: bool = False,
) -> Listing[views.OrderSummary]:
    """Orders, newest first: all of the tenant for staff, their own for customers (E16), or those of one number.

    `number_ends` are the last digits of a number, where nobody knows the rest.

    `until` is the first moment that does not count any more, `to_ship` leaves those with paid boxes to post.

    Who acts for an organisation gets what was ordered for it: as a buyer their own, as an owner or auditor all.
    """
    acting = acts_for(caller)
    owner = UUID(caller.subject) if CUSTOMER in caller.roles else customer
    of = lists.Of(owner if acting is None or not acting.sees_all else customer, acting and acting.organisation)
    after = page.after(tuple[datetime, UUID])
    within = lists.Within(state, since, until, to_ship)
    if number is not None:
        rows = await lists.of_number(read, caller.tenant, number, of, within, after, page.limit + 1)
    elif number_ends is not None:
        rows = await lists.of_ending(read, caller.tenant, number_ends, of, within, after, page.limit + 1)
    else:
        rows = await lists.newest(read, caller.tenant, of, within, after, page.limit + 1)
    return listing(
        rows, page, lambda row: (row["ordered_at"], row["order"]), lambda row: views.OrderSummary.model_validate(row)
    )


@routes.post("/orders/{order}/consents", allow=CUSTOMER)
async def consent_later(tx: Tx, caller: Caller, order: UUID, body: bodies.GiveConsents) -> views.OrderView:
    """Ask for immediate delivery after all, with both statements."""
    given = [(consent.kind, consent.version) for consent in body.consents]
    await delivering.consent_later(tx, caller.tenant, UUID(caller.subject), order, given)
    return await view_order(tx, caller, order)


@routes.post("/orders/{order}/cancellation", allow=(CUSTOMER, "sales"))
async def cancel(tx: Tx, caller: Caller, order: UUID) -> views.OrderView:
    """Cancel what is unpaid of an order; units that are paid stay as they are."""
    await changeable(tx, caller, order)
    reason = CancelReason.CUSTOMER if CUSTOMER in caller.roles else CancelReason.STAFF
    await cancelling.cancel_order(tx, caller.tenant, order, reason)
    return await view_order(tx, caller, order)
