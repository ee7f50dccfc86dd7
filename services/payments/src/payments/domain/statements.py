"""A bank statement's booked credits, and what each of them pays (PAY-6); amounts are integers in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from payments.domain.orders import Order, Unit
from payments.domain.payments import Reason
from payments.domain.references import Wording

# References, IBANs and the EPC code are those of SEPA credit transfers, which are in euro (EPC125-05).
CURRENCY = "EUR"


class StatementUnreadable(Exception):
    """The file is not a camt.053 statement or camt.054 notification."""

    def __init__(self, rule: str) -> None:
        """Name the rule that the file breaks."""
        super().__init__(rule)
        self.rule = rule
        self.facts = {"rule": rule}


class StatementCurrency(Exception):
    """The statement is not in euro."""


class AccountForeign(Exception):
    """The statement is not of an account of this tenant's sellers."""


class StatementKnown(Exception):
    """A statement with this number was imported before, with other content."""


class RecordsKeyMissing(Exception):
    """No records key of the seller is known yet; try again later."""


class EntryUnknown(Exception):
    """There is no such entry."""


class EntryClosed(Exception):
    """This entry is closed."""


class NotAllocatable(Exception):
    """Only transferred money in the order's currency can be allocated."""


class AllocationExceeds(Exception):
    """These units cost more than what is left of the entries."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who has paid and what they wrote; it is personal and sealed before it is kept."""

    name: str | None
    iban: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """A booked credit, or one that the bank has taken back.

    `mark` is the bank's id of its entry, `whole` the amount of that, `part` which payment of it this is where it is of
    many. `wording` is what it says of its order, `written` are the texts of that, `ids` are the ids that anybody on its
    way has given it. A credit with a `doubt` pays nothing; `place` is where it stands in the file, `fault` the element
    that cannot be read.
    """

    position: int
    mark: str | None
    amount: int
    currency: str
    booked_on: date | None
    wording: Wording
    written: tuple[str, ...]
    ids: tuple[str, ...]
    payer: Payer
    doubt: Reason | None = None
    part: int | None = None
    whole: int = 0
    place: str = ""
    fault: str | None = None

    @property
    def identity(self) -> str | None:
        """What no other entry of the account has; None where nothing is known that tells it from others.

        Where the bank has no mark for it, it is what it names: ids, references, numbers of orders.
        """
        taken_back = self.doubt is Reason.CREDIT_REVERSED
        what = self.mark or " ".join(sorted({*self.ids, *self.wording.references, *self.wording.numbers}))
        return what and f"{what} {self.whole or self.amount} {self.currency} {self.booked_on} {taken_back}"

    @property
    def payout_references(self) -> set[str]:
        """The references of a payment of ours that this money may be the return of."""
        if self.doubt not in (Reason.RETURNED_PAYOUT, Reason.REVERSAL):
            return set()
        words = [word for passage in self.written for word in passage.split()]
        return {*self.ids, *self.wording.structured, *words, self.payer.text or ""} - {""}

    def without_key(self) -> "Credit":
        """Return it as it waits where its payer cannot be sealed."""
        return self if self.doubt is not None else replace(self, doubt=Reason.RECORDS_KEY_MISSING)


def repeated(booked: Sequence[Credit]) -> frozenset[int]:
    """Return the positions of credits that a statement lists again: those of one mark that differ in nothing."""
    seen: set[object] = set()
    found: set[int] = set()
    for credit in booked:
        entry = credit.mark and (credit.identity, credit.part, credit.wording, credit.written, credit.payer)
        if entry and entry in seen:
            found.add(credit.position)
        seen.add(entry)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of one account or a notification about it, or a page of one.

    `repeated` are the positions of credits that it lists again, `passed_over` counts what is no credit of the account,
    by what it is; `digest` is the SHA-256 of all that it says.
    """

    kind: str
    number: str
    page: str | None
    ended_on: date | None
    iban: str
    currency: str
    credits: Sequence[Credit]
    repeated: frozenset[int]
    passed_over: Mapping[str, int]
    digest: bytes
    place: str

    @property
    def identity(self) -> str:
        """What no other statement of the account has; banks begin their numbers anew, most of them each year."""
        return f"{self.kind} {self.number} {self.ended_on} {self.page or ''}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement of a file that is left out: where it stands, and the rule that it breaks."""

    place: str
    rule: str


@dataclass(frozen=True, slots=True)
class File:
    """The statements of a file, and those that cannot be read."""

    statements: tuple[Statement, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What a credit pays: these units, or nothing for this reason.

    `order_id` is the order that it names, if it names one only; the units may be of several. `refund_id` is the refund
    whose payout came back.
    """

    order_id: UUID | None
    units: tuple[Unit, ...] = ()
    reason: Reason | None = None
    refund_id: UUID | None = None


def match(credit: Credit, meant: Sequence[Order], seller_id: str) -> Match:
    """Return what a credit pays: all that is open of the orders it names, at exactly that amount, else nothing.

    `meant` are the orders that have a reference or number which it may mean.
    """
    if credit.doubt is not None:
        return Match(meant[0].id if len(meant) == 1 else None, reason=credit.doubt)
    if not meant:
        names_one = credit.wording.structured or credit.wording.references
        return Match(None, reason=Reason.UNKNOWN_REFERENCE if names_one else Reason.NO_REFERENCE)
    if len(meant) > 1:
        return _match_several(credit, meant, seller_id)
    order = meant[0]
    if order.seller_id != seller_id:
        return Match(order.id, reason=Reason.OTHER_ACCOUNT)
    if order.lapsed:
        return Match(order.id, reason=Reason.ORDER_CANCELLED)
    owed, due = order.open_units, order.due_amount
    if not owed:
        return Match(order.id, reason=Reason.PAID_TWICE)
    if credit.currency != order.currency:
        return Match(order.id, reason=Reason.AMOUNT_DIFFERS)
    if credit.amount != due:
        return Match(order.id, reason=Reason.UNDERPAID if credit.amount < due else Reason.OVERPAID)
    return Match(order.id, tuple(owed))


def _match_several(credit: Credit, meant: Sequence[Order], seller_id: str) -> Match:
    """Return what pays several orders at once; that all are meant is certain where it is what they owe together."""
    payable = all(order.seller_id == seller_id and not order.lapsed and order.open_units for order in meant)
    currencies = {order.currency for order in meant}
    if payable and (currencies, sum(order.due_amount for order in meant)) == ({credit.currency}, credit.amount):
        return Match(None, tuple(unit for order in meant for unit in order.open_units))
    return Match(None, reason=Reason.AMBIGUOUS_REFERENCE)


def draw(left: Sequence[int], amount: int) -> list[int]:
    """Return how much of each entry pays this amount: all of the first before the next; raises AllocationExceeds."""
    taken: list[int] = []
    for rest in left:
        taken.append(min(rest, amount))
        amount -= taken[-1]
    if amount > 0:
        raise AllocationExceeds
    return taken
