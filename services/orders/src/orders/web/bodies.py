"""What clients send."""

from typing import Annotated, Literal
from uuid import UUID

from chassis.lists import compact
from chassis.web import Body, RuleBroken
from contracts.bounds import Time
from contracts.emails import EmailAddress, EmailMalformed
from contracts.orders import ConsentKind, PaymentMethod, RefundReason
from contracts.shared import CustomerType
from contracts.shipping import Carrier, TrackingMalformed, tracking_number
from pydantic import AfterValidator, Field, model_validator

from orders.domain.notice import LONGEST

MOST_UNITS = 5_000  # so that what is said of all of them at once fits into an event
Text = Annotated[str, Field(min_length=1, max_length=200)]
TrackingText = Annotated[str, Field(min_length=1, max_length=60)]
Sku = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]


# as it is compared, however it was typed or pasted
CouponCode = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(compact)]


class WantedLine(Body):
    """An article, how many, and the gross price per unit that was shown, in minor units."""

    sku: Sku
    quantity: Annotated[int, Field(ge=1, le=1000)]
    price: Annotated[int, Field(ge=0, le=999_999_999_999)]


class GivenConsent(Body):
    """A statement the customer makes, in the version that was shown."""

    kind: ConsentKind
    version: Annotated[str, Field(max_length=32)]


class BillingAddress(Body):
    """Where the invoice goes; the country decides the market."""

    name: Text
    street: Text
    postal_code: Annotated[str, Field(min_length=1, max_length=16)]
    city: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class ShippingAddress(BillingAddress):
    """Where boxes go: to the buyer or somebody else, with what else the carrier must know in `extra`."""

    company: Text | None = None
    extra: Text | None = None


def _so_many_units(lines: list[WantedLine]) -> list[WantedLine]:
    if sum(line.quantity for line in lines) > MOST_UNITS:
        raise RuleBroken(f"an order has at most {MOST_UNITS} units")
    return lines


class PlaceOrder(Body):
    """An order with obligation to pay."""

    channel: Annotated[str, Field(min_length=1, max_length=64)]
    customer_type: CustomerType
    language: Literal["de", "en"] = "de"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    payment_method: PaymentMethod
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=50), AfterValidator(_so_many_units)]
    consents: Annotated[tuple[GivenConsent, ...], Field(max_length=2)] = ()
    billing_address: BillingAddress
    shipping_address: ShippingAddress | None = None
    company: Text | None = None
    vat_id: Annotated[str, Field(min_length=4, max_length=20)] | None = None
    purchase_number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    coupon: CouponCode | None = None
    terms_version: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")] | None = None


class QuoteCart(Body):
    """A cart to be quoted; `country` is where its customer is."""

    channel: Annotated[str, Field(min_length=1, max_length=64)]
    customer_type: CustomerType
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=50), AfterValidator(_so_many_units)]
    coupon: CouponCode | None = None


class GiveConsents(Body):
    """Both statements for immediate delivery."""

    consents: Annotated[list[GivenConsent], Field(min_length=2, max_length=2)]


class NoticeBody(Body):
    """A seller's own notice of the right of withdrawal, a blank line between passages, and from when on it holds."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    valid_from: Time


class RefundUnits(Body):
    """Units to take back, and why; or the unexplained repayment that was for them: its reason is `provider`."""

    units: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    reason: RefundReason = RefundReason.PROVIDER
    repayment: UUID | None = None

    @model_validator(mode="after")
    def _has_a_cause(self) -> "RefundUnits":
        """Nothing is taken back without a cause."""
        if self.reason is RefundReason.PROVIDER and self.repayment is None:
            raise RuleBroken("a reason of the seller's or a repayment is needed")
        return self


def _readable(text: str) -> str:
    try:
        EmailAddress.read(text)
    except EmailMalformed:
        raise RuleBroken("this is not an e-mail address") from None
    return text


class DeclareWithdrawal(Body):
    """Who withdraws from which order, and where the receipt goes; `withdrawal` is the declaration's id."""

    tenant: Annotated[str, Field(min_length=1, max_length=64)]
    channel: Annotated[str, Field(min_length=1, max_length=64)]
    withdrawal: UUID
    name: Annotated[str, Field(min_length=1, max_length=100, repr=False)]
    number: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
    email: Annotated[str, Field(min_length=3, max_length=254, repr=False), AfterValidator(_readable)]
    language: Literal["de", "en"] = "de"


class WithdrawLines(Body):
    """The lines from which a customer withdraws."""

    lines: Annotated[list[UUID], Field(min_length=1, max_length=50)]
    language: Literal["de", "en"] = "de"


class FinishWithdrawal(Body):
    """What came of a declaration that waited for staff, in words, without names and addresses."""

    note: Annotated[str, Field(min_length=1, max_length=500, repr=False)]


class ShipUnits(Body):
    """Boxed units that were posted, who carries them, and the number by which they are found; it names its carrier."""

    units: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    carrier: Carrier | None = None
    tracking_number: Annotated[TrackingText | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _is_a_number(self) -> "ShipUnits":
        """A number that leads nowhere helps nobody."""
        if self.tracking_number is None:
            return self
        if self.carrier is None:
            raise RuleBroken("a tracking number needs its carrier")
        try:
            number = tracking_number(self.carrier, self.tracking_number)
        except TrackingMalformed:
            raise RuleBroken("this is no tracking number of that carrier") from None
        return self.model_copy(update={"tracking_number": number})
