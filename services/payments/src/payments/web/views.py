"""What clients see; amounts are integers in minor units."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import segno.helpers
from chassis.identity import Keys
from chassis.refusals import sentence, slug
from chassis.web import View
from contracts.event import Sealed

from payments.domain.orders import Order
from payments.domain.payments import Payment, State
from payments.domain.provider import DisputeStatus
from payments.domain.statements import StatementUnreadable
from payments.store.payouts import Payout
from payments.store.review import Entry
from payments.store.sellers import Account
from payments.store.statements import ImportResult
from payments.usecases.archives import FileResult

EURO = "EUR"


class PaymentView(View):
    """A card payment; `url` is the provider's page while it can be paid.

    Where the customer's bank wants the money back, `dispute` is how far that is: of what is lost nothing is here any
    more, though it was captured.
    """

    payment: UUID
    order: UUID
    method: str
    state: State
    amount: int
    currency: str
    url: str | None
    dispute: DisputeStatus | None


class SavedCardView(View):
    """Something saved at the provider: its id there, and whether it is a card or an account."""

    card: str
    kind: str


class TransferView(View):
    """How to transfer: the reference (ISO 11649), the exact payee, and an EPC QR code for the banking app.

    `amount` is what is still to be transferred; `received` has come already, and pays once the rest is there.
    """

    order: UUID
    reference: str
    iban: str
    bic: str
    payee: str
    amount: int
    received: int
    currency: str
    due_at: datetime
    state: str
    epc_qr: str | None


class ReviewedView(View):
    """A credit that paid nothing, why, where it stands in the file, and which of its elements cannot be read."""

    entry: UUID
    reason: str
    place: str
    fault: str | None


class UnreadView(View):
    """A statement of the file that was left out: where it stands, and the rule that it breaks."""

    place: str
    rule: str


class StatementView(View):
    """What came of a file: its statements, their booked credits, how many of them paid their order, and the rest.

    `passed_over` counts what is no credit: `debits`, and what is `not_booked` yet. `other_accounts` counts statements
    of accounts that are not the sellers', `unread` are those that cannot be read or contradict an earlier one.
    """

    statements: list[UUID]
    entries: int
    matched: int
    review: list[ReviewedView]
    passed_over: dict[str, int]
    other_accounts: int
    unread: list[UnreadView]


class FileView(View):
    """What came of a file of an archive: what was imported, or why nothing was and the rule that the file breaks.

    `kind` is the name of the problem with which a file alone would have been refused.
    """

    name: str
    imported: StatementView | None
    refused: str | None
    kind: str | None
    rule: str | None


class CountView(View):
    """How many there are."""

    count: int


class PayerView(View):
    """Who has paid, opened from the seller's records; null where it was not given or is erased."""

    name: str | None
    iban: str | None
    text: str | None


class EntryView(View):
    """Money that a human has to look at; a credit has its place in its file, and the element that cannot be read.

    `proposed` are orders that a credit which names none may mean: a number with a part of its zeros, for instance.
    """

    entry: UUID
    reason: str
    amount: int
    currency: str
    allocated: int
    order: UUID | None
    payment: UUID | None
    receipt: UUID | None
    refund: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    booked_on: date | None
    payer: PayerView | None
    place: str | None
    fault: str | None
    proposed: list[UUID]


class PayoutPartView(View):
    """How much to send back to whom."""

    amount: int
    payer: PayerView | None


class PayoutView(View):
    """Money that staff has to send back by hand; its parts are for whoever has paid them."""

    refund: UUID
    order: UUID
    number: str
    method: str
    amount: int
    currency: str
    decided_at: datetime
    parts: list[PayoutPartView]


class Received(View):
    """The webhook was taken; `ignored` says why nothing follows from it, for whoever looks at it at the provider."""

    received: bool = True
    ignored: str | None = None


def payment_view(payment: Payment, dispute: DisputeStatus | None) -> PaymentView:
    """Return a payment for reading."""
    return PaymentView(
        payment=payment.id,
        order=payment.order_id,
        method="card",
        state=payment.state,
        amount=payment.amount,
        currency=payment.currency,
        url=payment.url if payment.state is State.OPEN else None,
        dispute=dispute,
    )


def transfer_view(order: Order, account: Account, reference: str, received: int) -> TransferView:
    """Return how to transfer what is still open but for what has come in parts (PAY-5)."""
    state = "cancelled" if order.lapsed else "open"
    if not order.open_units and not order.lapsed:
        state = "paid"
    missing = max(order.due_amount - received, 0)
    asked = state == "open" and missing > 0
    return TransferView(
        order=order.id,
        reference=reference,
        iban=account.iban,
        bic=account.bic,
        payee=account.payee,
        amount=missing,
        received=received,
        currency=order.currency,
        due_at=order.pay_until,
        state=state,
        epc_qr=_epc_qr(missing, account, reference) if asked and order.currency == EURO else None,
    )


def _epc_qr(amount: int, account: Account, reference: str) -> str:
    code = segno.helpers.make_epc_qr(
        name=account.payee[:70],
        iban=account.iban,
        amount=Decimal(amount) / 100,
        reference=reference,
        bic=account.bic,
        encoding="utf-8",
    )
    return code.svg_data_uri(scale=4, border=4)


def statement_view(imported: ImportResult) -> StatementView:
    """Return what came of a statement."""
    return StatementView.model_validate(imported, from_attributes=True)


def file_view(result: FileResult) -> FileView:
    """Return what came of a file of an archive."""
    found = result.imported
    if isinstance(found, Exception):
        rule = found.rule if isinstance(found, StatementUnreadable) else None
        return FileView(
            name=result.name, imported=None, refused=sentence(type(found)), kind=slug(type(found)), rule=rule
        )
    return FileView(name=result.name, imported=statement_view(found), refused=None, kind=None, rule=None)


def entry_view(entry: Entry, keys: Keys | None = None) -> EntryView:
    """Return an entry of the review list; its payer is shown where keys are at hand."""
    return EntryView(
        entry=entry.id,
        reason=entry.reason,
        amount=entry.amount,
        currency=entry.currency,
        allocated=entry.allocated,
        order=entry.order_id,
        payment=entry.payment_id,
        receipt=entry.receipt_id,
        refund=entry.refund_id,
        opened_at=entry.opened_at,
        closed_at=entry.closed_at,
        outcome=entry.outcome,
        booked_on=entry.booked_on,
        payer=payer_view(entry.payer, keys),
        place=entry.place,
        fault=entry.fault,
        proposed=list(entry.proposed),
    )


def payout_view(payout: Payout, keys: Keys) -> PayoutView:
    """Return money that staff has to send back."""
    return PayoutView(
        refund=payout.refund_id,
        order=payout.order_id,
        number=payout.number,
        method=payout.payment_method,
        amount=payout.amount,
        currency=payout.currency,
        decided_at=payout.decided_at,
        parts=[PayoutPartView(amount=part.amount, payer=payer_view(part.payer, keys)) for part in payout.parts],
    )


def payer_view(payer: str | None, keys: Keys | None) -> PayerView | None:
    """Return who has paid; None where that is not known or no keys are at hand."""
    if payer is None or keys is None:
        return None
    opened = keys.open(Sealed.parse(payer))
    if not isinstance(opened, str):
        return PayerView(name=None, iban=None, text=None)
    facts: dict[str, Any] = orjson.loads(opened)
    return PayerView(**facts)
