"""What clients see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from chassis.web import View
from contracts.orders import Consent, Terms, Totals
from contracts.shared import DeliveryDays
from pydantic import Field

from orders.store.orders import StoredOrder


class UnitView(View):
    """A unit and its state; a consumer can withdraw from one whose `withdrawal_lost_at` is null.

    One with `bounced_at` could not be mailed, and waits for a better address or another try.
    """

    unit: UUID
    state: str
    gross: int
    withdrawal_lost_at: datetime | None
    bounced_at: datetime | None
    refunded_at: datetime | None


class LineView(View):
    """A frozen line; amounts in minor units. `delivery_days` are those of its boxes, null where none were named."""

    line: UUID
    sku: str
    name: str
    price: int
    discount: int
    tax_rate: int
    net: int
    tax: int
    gross: int
    fulfilment: str
    deliver_from: datetime | None
    delivery_days: DeliveryDays | None
    units: list[UnitView]


class OrderView(View):
    """An order as its customer and the seller's staff see it."""

    order: UUID
    number: str
    state: str
    channel: str
    market: str
    seller: str
    customer: UUID
    organisation: UUID | None
    customer_type: str
    language: str
    payment_method: str
    coupon: str | None
    ordered_at: datetime
    pay_until: datetime
    closed_at: datetime | None
    contact_until: datetime | None
    totals: Totals
    lines: list[LineView]
    consents: list[Consent]
    terms: Terms


class OrderSummary(View):
    """A row of the list of orders; `names` are what was ordered, as its lines call it."""

    order: UUID
    number: str
    names: list[str]
    customer: UUID
    organisation: UUID | None
    customer_type: str
    channel: str
    market: str
    seller: str
    payment_method: str
    currency: str
    net: int
    tax: int
    gross: int
    state: str
    ordered_at: datetime
    closed_at: datetime | None


class TextView(View):
    """A wording shown at the checkout; a consent names its version."""

    kind: str
    version: str
    text: str


class NoticeView(View):
    """A seller's own notice of the right of withdrawal, and from when on it holds."""

    seller: str
    fulfilment: str
    language: str
    version: str
    valid_from: datetime


class BillingView(View):
    """The billing record of an order; what was erased or never given is null."""

    order: UUID
    number: str
    billing_address: Any
    company: str | None
    vat_id: str | None
    purchase_number: str | None


class ShippingView(View):
    """Where an order's boxes go; null once the customer is erased."""

    order: UUID
    address: Any


class ShipmentView(View):
    """Units that were posted together; `tracking_number` is null once the customer is erased, and where none is known.

    `page` is where the carrier shows the parcel.
    """

    shipment: UUID
    units: list[UUID]
    carrier: str | None
    tracking_number: Annotated[str | None, Field(repr=False)]
    page: Annotated[str | None, Field(repr=False)]
    shipped_at: datetime


class BuyerView(View):
    """Who bought: what they gave at the checkout; null is what was erased or never given.

    The addresses are shown to whoever has ordered, `shipping_address` where boxes go.
    """

    order: UUID
    company: Annotated[str | None, Field(repr=False)]
    vat_id: Annotated[str | None, Field(repr=False)]
    purchase_number: Annotated[str | None, Field(repr=False)]
    billing_address: Any = None
    shipping_address: Any = None


def parsed(opened: object) -> Any:
    """Return an address as it was kept, None where its key is destroyed."""
    return orjson.loads(opened) if isinstance(opened, str) else None


class RefundView(View):
    """A refund as decided."""

    order: UUID
    refund: UUID
    units: list[UUID]
    reason: str
    amount: int
    refunded_at: datetime


class UnexplainedRefund(View):
    """What a provider paid back without it being clear for which units."""

    repayment: UUID
    order: UUID
    amount: int
    currency: str


def order_view(stored: StoredOrder) -> OrderView:
    """Return an order as its readers see it."""
    placed, order = stored.placed, stored.order
    return OrderView(
        order=placed.order,
        number=placed.order_number,
        state=order.state,
        channel=placed.channel,
        market=placed.market,
        seller=placed.seller,
        customer=placed.customer,
        organisation=placed.organisation,
        customer_type=placed.customer_type,
        language=placed.language,
        payment_method=placed.payment_method,
        coupon=placed.coupon,
        ordered_at=placed.ordered_at,
        pay_until=placed.pay_until,
        closed_at=order.closed_at,
        contact_until=order.contact_until,
        totals=placed.totals,
        lines=_line_views(stored),
        consents=list(stored.consents),
        terms=placed.terms,
    )


def _line_views(stored: StoredOrder) -> list[LineView]:
    views: list[LineView] = []
    for line in stored.lines:
        units: Sequence[UnitView] = [
            UnitView(
                unit=unit.id,
                state=unit.state,
                gross=unit.amount.gross,
                withdrawal_lost_at=stored.order.withdrawal_lost_at(unit),
                bounced_at=None if unit.delivered_at else unit.bounced_at,
                refunded_at=unit.refunded_at,
            )
            for unit in stored.order.units
            if unit.line_id == line.line
        ]
        facts = line.model_dump(include=set(LineView.model_fields) - {"units"})
        views.append(LineView(**facts, units=list(units)))
    return views
