"""What a cart would cost, before anybody orders."""

from typing import Final
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Routes, View
from contracts.orders import Totals
from contracts.shared import CustomerType

from orders.domain.rules import Rules
from orders.usecases import pricing
from orders.web import bodies
from orders.web.access import CUSTOMER, acts_for
from orders.web.limits import QuoteRate

routes: Final = Routes()


class QuotedLine(View):
    """A line of a cart; `price` is gross per unit after `discount`, the other amounts are those of all its units."""

    sku: str
    name: str
    quantity: int
    price: int
    discount: int
    tax_rate: int
    net: int
    tax: int
    gross: int


class QuoteView(View):
    """What a cart costs now; `coupon` is the code as the seller writes it."""

    coupon: str | None
    lines: list[QuotedLine]
    totals: Totals


@routes.post("/quotes", allow=CUSTOMER, limit_caller=QuoteRate)
async def quote_cart(read: Read, caller: Caller, body: bodies.QuoteCart, rules: Rules) -> QuoteView:
    """Say what an order of this cart would cost now, with a coupon; nothing is ordered, kept, or held.

    What an order would be refused for, as far as the cart decides it, this is refused for in the same words.
    """
    acting = acts_for(caller)
    if acting is not None:
        acting.check_buys(as_business=body.customer_type is CustomerType.BUSINESS)
    cart = pricing.Cart(
        tenant=caller.tenant,
        customer_id=UUID(caller.subject),
        channel=body.channel,
        market=body.country,
        customer_type=body.customer_type,
        currency=body.currency,
        items=[pricing.Item(line.sku, line.quantity, line.price) for line in body.lines],
        coupon=body.coupon,
    )
    found = await pricing.quote(read, cart, rules)
    lines = [_line(one) for one in found.lines]
    totals = Totals(
        net=sum(line.net for line in lines),
        tax=sum(line.tax for line in lines),
        gross=sum(line.gross for line in lines),
        currency=body.currency,
    )
    return QuoteView(coupon=found.coupon.code if found.coupon else None, lines=lines, totals=totals)


def _line(one: pricing.Priced) -> QuotedLine:
    return QuotedLine(
        sku=one.item.sku,
        name=one.article.offer.name,
        quantity=one.item.quantity,
        price=one.price,
        discount=one.item.price - one.price,
        tax_rate=one.rate,
        **one.amount.parts,
    )
