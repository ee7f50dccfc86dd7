"""What the provider sends by itself: whether it is the provider's, and what of it concerns us."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, cast
from uuid import UUID

import stripe
from chassis.telemetry import holds_card
from contracts.wire import repeats_a_name
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from payments.clients import statuses
from payments.domain.provider import Notice, NoticeKind, ProviderDispute, ProviderRefund

TOLERANCE_SECONDS = 300
HEADER = re.compile(r"t=([0-9]{1,12})(?:,v[0-9]=[0-9a-f]{64}){1,8}")
COMPLETED = "checkout.session.completed"  # money taken or promised, as the session says
KINDS = {
    "checkout.session.async_payment_succeeded": NoticeKind.CAPTURED,
    "checkout.session.async_payment_failed": NoticeKind.FAILED,
    "checkout.session.expired": NoticeKind.EXPIRED,
    "payment_intent.payment_failed": NoticeKind.DECLINED,
    "charge.refunded": NoticeKind.CHANGED,
    # as versions of its API before 2024 name the next ones
    "charge.refund.updated": NoticeKind.REFUND,
    "refund.created": NoticeKind.REFUND,
    "refund.updated": NoticeKind.REFUND,
    "refund.failed": NoticeKind.REFUND,
    "charge.dispute.created": NoticeKind.DISPUTE,
    "charge.dispute.updated": NoticeKind.DISPUTE,
    "charge.dispute.closed": NoticeKind.DISPUTE,
}


# What an event of a kind is about.
ABOUT = {
    **dict.fromkeys((NoticeKind.CAPTURED, NoticeKind.FAILED, NoticeKind.EXPIRED), "checkout.session"),
    NoticeKind.DECLINED: "payment_intent",
    NoticeKind.CHANGED: "charge",
    NoticeKind.REFUND: "refund",
    NoticeKind.DISPUTE: "dispute",
}
BACK = (NoticeKind.REFUND, NoticeKind.DISPUTE)
# Events of this kind only name what they are about.
THIN = "v2.core.event"


class WebhookForged(Exception):
    """The signature is missing, wrong, or not of this moment."""


class WebhookUnreadable(Exception):
    """The event is not one that the provider sends."""


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """The keys that sign webhooks: several while they are exchanged."""

    keys: Sequence[str] = field(repr=False)


class Ignored(StrEnum):
    """Why nothing follows from a webhook; the last of them is a case for whoever keeps this program."""

    OTHER_TYPE = "other-type"
    NOT_OURS = "not-ours"
    CARD_NUMBER = "card-number"
    NOT_UNDERSTOOD = "not-understood"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook: the provider's id of the event, and what it says, or why that does not matter."""

    id: str
    says: Notice | Ignored


def check(body: bytes, header: str | None, secrets: WebhookSecrets) -> None:
    """Raise WebhookForged unless one of the secrets signed exactly these bytes within five minutes (F-P24).

    The provider's timestamps stay real however far the stack's clock is shifted (DESIGN 3), so they are compared with
    real time.
    """
    shape = HEADER.fullmatch(header or "")
    if shape is None or abs(time.time() - int(shape[1])) > TOLERANCE_SECONDS:
        raise WebhookForged
    if not any(_signed(body, header, secret) for secret in secrets.keys):
        raise WebhookForged


def read(body: bytes) -> Webhook:
    """Read a checked webhook, of whatever version of the provider's API; raises WebhookUnreadable.

    What it lacks is not guessed: the provider is asked then. Only a paid session with amount and currency is money.
    """
    try:
        event = _Event.model_validate_json(body)
        if not repeats_a_name(body):
            return Webhook(event.id, _thin(event) if event.object == THIN else _snapshot(event))
    except ValidationError:
        pass
    # Outside: a chained ValidationError would carry the payer's name into the log.
    raise WebhookUnreadable


def _signed(body: bytes, header: str | None, secret: str) -> bool:
    verify = cast("Any", stripe.WebhookSignature).verify_header
    try:
        return bool(verify(body, header, secret, tolerance=None))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


def _lenient_uuid(value: Any) -> Any:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _lenient_object(value: Any) -> Any:
    return cast("Any", value) if isinstance(value, dict) else None


def _lenient_charge(value: Any) -> Any:
    """Return a charge that is named by its id, or stands there as a whole."""
    return {"id": value} if isinstance(value, str) else _lenient_object(value)


def _lenient_tenant(value: Any) -> Any:
    return value if isinstance(value, str) and len(value) <= 64 and value.isprintable() else ""


def _id_of(value: Any) -> Any:
    """Return the id of what is named by it, or stands there as a whole."""
    return cast("dict[str, Any]", value).get("id", "") if isinstance(value, dict) else value


Id = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_-]+$")]
Reference = Annotated[Id | None, BeforeValidator(_id_of)]
Amount = Annotated[int, Field(strict=True, ge=0, lt=2**53)]
OurId = Annotated[UUID | None, BeforeValidator(_lenient_uuid)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Metadata(_Read):
    """What we had written on it; anything may stand there that others wrote."""

    tenant: Annotated[str, BeforeValidator(_lenient_tenant)] = ""
    order: OurId = None
    payment: OurId = None
    refund: OurId = None

    @property
    def ours(self) -> bool:
        """Whether tenant, order and payment stand there."""
        return bool(self.tenant) and self.order is not None and self.payment is not None


class _Charge(_Read):
    id: Reference = None
    payment_intent: Reference = None


class _Object(_Read):
    """What a session, an intent, a charge, a refund and a dispute have that we read; never the payer's details."""

    object: str
    id: Id
    payment_intent: Reference = None
    charge: Annotated[_Charge | None, BeforeValidator(_lenient_charge)] = None
    payment_status: str | None = None
    status: str | None = None
    amount: Amount | None = None
    amount_total: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")] | None = None
    metadata: Annotated[_Metadata | None, BeforeValidator(_lenient_object)] = None

    @property
    def intent_id(self) -> str | None:
        """The intent that it is, or that it belongs to."""
        if self.object == "payment_intent":
            return self.id
        return self.payment_intent or (self.charge and self.charge.payment_intent)

    @property
    def charge_id(self) -> str | None:
        """The charge that it belongs to."""
        return self.charge and self.charge.id


class _Data(_Read):
    object: dict[str, Any]


class _Named(_Read):
    id: Id
    type: str


class _Event(_Read):
    id: Id
    object: str = "event"
    type: Annotated[str, Field(max_length=100)]
    data: _Data | None = None
    related_object: Annotated[_Named | None, BeforeValidator(_lenient_object)] = None


def _thin(event: _Event) -> Notice | Ignored:
    """Return that something has changed about what an event names."""
    if event.type.removeprefix("v1.") not in (COMPLETED, *KINDS):
        return Ignored.OTHER_TYPE
    of = event.related_object
    if of is not None and _holds_card(event.id, of.id):
        return Ignored.CARD_NUMBER
    if of is not None and of.type == "checkout.session":
        return Notice(NoticeKind.CHANGED, session_id=of.id)
    if of is not None and of.type == "payment_intent":
        return Notice(NoticeKind.CHANGED, intent_id=of.id)
    return Ignored.NOT_UNDERSTOOD


def _snapshot(event: _Event) -> Notice | Ignored:
    """Return what an event says by the object that it brings; raises ValidationError."""
    kind = NoticeKind.CAPTURED if event.type == COMPLETED else KINDS.get(event.type)
    if kind is None:
        return Ignored.OTHER_TYPE
    of = _Object.model_validate(event.data and event.data.object)
    if of.object != ABOUT[kind]:
        return Ignored.NOT_UNDERSTOOD
    ours = of.metadata if of.metadata and of.metadata.ours else _Metadata()
    if _holds_card(event.id, of.id, of.intent_id, of.charge_id, ours.tenant):
        return Ignored.CARD_NUMBER
    return _about_back(kind, of, ours) if kind in BACK else _about_payment(kind, of, ours)


def _holds_card(*texts: str | None) -> bool:
    """Return whether ids or our own metadata hold one: then it is nothing of ours, however often it comes."""
    return holds_card("|".join(filter(None, texts)))


def _about_payment(kind: NoticeKind, of: _Object, ours: _Metadata) -> Notice | Ignored:
    if not ours.ours:
        return Ignored.NOT_OURS  # Something else that the account is used for.
    paid = of.payment_status == "paid"
    if kind is NoticeKind.CAPTURED and of.payment_status == "unpaid":
        kind = NoticeKind.AUTHORIZED
    elif (kind is NoticeKind.CAPTURED and not (paid and of.amount_total and of.currency)) or (
        kind in (NoticeKind.FAILED, NoticeKind.EXPIRED) and paid
    ):
        kind = NoticeKind.CHANGED
    session_id = of.id if of.object == "checkout.session" else None
    return replace(_notice(kind, of, ours), session_id=session_id, amount=of.amount_total)


def _about_back(kind: NoticeKind, of: _Object, ours: _Metadata) -> Notice | Ignored:
    """Return what is said about a refund or a dispute, which others may have begun: it is known by its payment.

    Which refund of the seller's it is may be all that is left of what we had written on it.
    """
    if not (of.intent_id or of.charge_id or ours.ours):
        return Ignored.NOT_UNDERSTOOD
    charge_id = None if of.intent_id or ours.ours else of.charge_id
    notice = replace(_notice(kind, of, ours), charge_id=charge_id)
    if of.amount is None or notice.currency is None or of.status is None:
        return replace(notice, kind=NoticeKind.CHANGED)
    facts = of.id, of.amount, notice.currency
    if kind is NoticeKind.REFUND:
        own = of.metadata and of.metadata.refund
        return replace(notice, refund=ProviderRefund(*facts, statuses.of_refund(of.status), own))
    return replace(notice, dispute=ProviderDispute(*facts, statuses.of_dispute(of.status)))


def _notice(kind: NoticeKind, of: _Object, ours: _Metadata) -> Notice:
    return Notice(
        kind=kind,
        tenant=ours.tenant,
        order_id=ours.order,
        payment_id=ours.payment,
        intent_id=of.intent_id,
        currency=of.currency.upper() if of.currency else None,
    )
