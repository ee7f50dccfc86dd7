"""What the provider sends by itself: whether it is the provider's, and what of it concerns us."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, cast
from uuid import UUID

import stripe
from chassis.telemetry import holds_card
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
    "refund.created": NoticeKind.REFUND,
    "refund.updated": NoticeKind.REFUND,
    "refund.failed": NoticeKind.REFUND,
    "charge.dispute.created": NoticeKind.DISPUTE,
    "charge.dispute.updated": NoticeKind.DISPUTE,
    "charge.dispute.closed": NoticeKind.DISPUTE,
}


class WebhookForged(Exception):
    """The signature is missing, wrong, or not of this moment."""


class WebhookUnreadable(Exception):
    """The event is not one that the provider sends."""


@dataclass(frozen=True, slots=True)
class WebhookSecrets:
    """The keys that sign webhooks: several while they are exchanged."""

    keys: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook: the provider's id of the event, and what it says where that concerns us."""

    id: str
    notice: Notice | None


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
    """Read a checked webhook; raises WebhookUnreadable."""
    try:
        event = _Event.model_validate_json(body)
        kind = _kind(event)
        if kind is None:
            return Webhook(event.id, None)
        of = _Object.model_validate(event.data.object)
        texts = (event.id, of.id, of.payment_intent, of.metadata and of.metadata.tenant)
        # Ids and our own metadata: with a card number in them it is nothing of ours, however often it comes.
        return Webhook(event.id, None if holds_card("|".join(filter(None, texts))) else _notice(kind, of))
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


Id = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9_-]+$")]
OurId = Annotated[UUID | None, BeforeValidator(_lenient_uuid)]


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _Metadata(_Read):
    tenant: Annotated[str, Field(max_length=64)] = ""
    order: OurId = None
    payment: OurId = None
    refund: OurId = None


class _Object(_Read):
    """What a session, an intent, a charge, a refund and a dispute have that we read; never the payer's details."""

    object: str
    id: Id
    payment_intent: Id | None = None
    payment_status: str | None = None
    status: str | None = None
    amount: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    amount_total: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")] | None = None
    metadata: _Metadata | None = None


class _Data(_Read):
    object: dict[str, Any]


class _Event(_Read):
    id: Id
    type: Annotated[str, Field(max_length=100)]
    data: _Data


def _kind(event: _Event) -> NoticeKind | None:
    if event.type == COMPLETED:
        paid = event.data.object.get("payment_status") == "paid"
        return NoticeKind.CAPTURED if paid else NoticeKind.AUTHORIZED
    return KINDS.get(event.type)


def _notice(kind: NoticeKind, of: _Object) -> Notice | None:
    ours = of.metadata or _Metadata()
    currency = of.currency.upper() if of.currency else None
    refund, dispute = None, None
    if kind in (NoticeKind.REFUND, NoticeKind.DISPUTE):
        if of.amount is None or currency is None or of.payment_intent is None:
            return None
        if kind is NoticeKind.REFUND:
            refund = ProviderRefund(of.id, of.amount, currency, statuses.of_refund(of.status), ours.refund)
        else:
            dispute = ProviderDispute(of.id, of.amount, currency, statuses.of_dispute(of.status))
    elif ours.order is None or ours.payment is None or not ours.tenant:
        return None  # Something else that the account is used for.
    return Notice(
        kind=kind,
        tenant=ours.tenant,
        order_id=ours.order,
        payment_id=ours.payment,
        session_id=of.id if of.object == "checkout.session" else None,
        intent_id=of.id if of.object == "payment_intent" else of.payment_intent,
        amount=of.amount_total if of.amount_total is not None else of.amount,
        currency=currency,
        refund=refund,
        dispute=dispute,
    )
