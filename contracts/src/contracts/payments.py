"""The events that payments publishes."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from contracts.bounds import Amount, Time
from contracts.event import Internal, Public, days
from contracts.examples import SALE
from contracts.shared import SaleEvent


class FailureReason(StrEnum):
    """Why a payment failed."""

    DECLINED = "declined"
    EXPIRED = "expired"
    AMOUNT_DIFFERS = "amount_differs"


class RefundOrigin(StrEnum):
    """Who decided the refund: the seller's staff in orders, or somebody at the provider."""

    SELLER = "seller"
    PROVIDER = "provider"


class DisputeOutcome(StrEnum):
    """Who keeps the money: the seller, also where the customer has withdrawn it, or the customer."""

    WON = "won"
    LOST = "lost"


_PAYMENT = "0192d3a4-0000-7000-8000-000000000401"
_DISPUTE = "0192d3a4-0000-7000-8000-000000000404"


class PaymentAuthorized(SaleEvent, key="order", subject="payment", retention=days(90)):
    """The card's issuer or a debtor's bank has been asked, but the money is not captured: nothing is released (E4)."""

    payment: Public[UUID]
    amount: Public[Amount]
    currency: Public[str]
    authorized_at: Public[Time | None] = None

    EXAMPLE: ClassVar = {
        **SALE,
        "payment": _PAYMENT,
        "amount": 21900,
        "currency": "EUR",
        "authorized_at": "2026-11-02T09:00:30Z",
    }


class PaymentCaptured(SaleEvent, key="order", subject="payment", retention=days(90)):
    """The provider has captured this amount for the whole order."""

    payment: Public[UUID]
    amount: Public[Amount]
    currency: Public[str]
    captured_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "payment": _PAYMENT,
        "amount": 21900,
        "currency": "EUR",
        "captured_at": "2026-11-02T09:01:00Z",
    }


class PaymentFailed(SaleEvent, key="order", subject="payment", retention=days(90)):
    """An attempt to pay did not succeed; the order may still be paid by another."""

    payment: Public[UUID]
    reason: Public[FailureReason]

    EXAMPLE: ClassVar = {**SALE, "payment": _PAYMENT, "reason": "declined"}


class TransferRequested(SaleEvent, key="order", retention=days(90)):
    """The customer is asked to transfer this amount, naming the reference (RF, ISO 11649) and the exact payee."""

    reference: Public[str]
    iban: Public[str]
    bic: Public[str]
    payee: Public[str]
    amount: Public[Amount]
    currency: Public[str]
    due_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "reference": "RF18539007547034",
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "payee": "Kontor Software GmbH",
        "amount": 21900,
        "currency": "EUR",
        "due_at": "2026-11-16T09:00:00Z",
    }


class TransferReceived(SaleEvent, key="order", subject="receipt", retention=days(90)):
    """Transferred money is booked and covers these units: all at the exact amount, else what staff has allocated."""

    receipt: Public[UUID]
    units: Public[list[UUID]]
    amount: Public[Amount]
    currency: Public[str]
    booked_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "receipt": "0192d3a4-0000-7000-8000-000000000402",
        "units": ["0192d3a4-0000-7000-8000-000000000303"],
        "amount": 21900,
        "currency": "EUR",
        "booked_at": "2026-11-04T00:00:00Z",
    }


class PaymentRefunded(SaleEvent, key="order", subject="repayment", retention=days(90)):
    """The provider confirms that this amount went back; `refund` is the seller's, None where the provider began it."""

    repayment: Public[UUID]
    refund: Public[UUID | None] = None
    origin: Public[RefundOrigin]
    amount: Public[Amount]
    currency: Public[str]
    reference: Internal[str]
    refunded_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "repayment": "0192d3a4-0000-7000-8000-000000000403",
        "refund": "0192d3a4-0000-7000-8000-000000000304",
        "origin": "seller",
        "amount": 21900,
        "currency": "EUR",
        "reference": "re_1",
        "refunded_at": "2026-11-05T09:00:05Z",
    }


class DisputeOpened(SaleEvent, key="order", subject="dispute", retention=days(90)):
    """The customer's bank wants this amount of a payment back; what was sold for it is suspended until that ends."""

    dispute: Public[UUID]
    payment: Public[UUID]
    amount: Public[Amount]
    currency: Public[str]
    opened_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "dispute": _DISPUTE,
        "payment": _PAYMENT,
        "amount": 21900,
        "currency": "EUR",
        "opened_at": "2026-11-20T09:00:00Z",
    }


class DisputeClosed(SaleEvent, key="order", subject="dispute", retention=days(90)):
    """A dispute has ended; one that was lost may be won later, which is said again, and never the other way round."""

    dispute: Public[UUID]
    outcome: Public[DisputeOutcome]
    closed_at: Public[Time]

    EXAMPLE: ClassVar = {**SALE, "dispute": _DISPUTE, "outcome": "won", "closed_at": "2026-12-10T09:00:00Z"}
