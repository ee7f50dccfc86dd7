"""What the files of the corpus describe: cases of files of statements of entries, and what each entry is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid5

import yaml
from payments.domain.payments import Reason
from payments.domain.references import reference_of
from pydantic import BaseModel, ConfigDict, Field, model_validator
from stdnum import iso11649

FOLDER = Path(__file__).parent
SPACE = UUID("00000000-0000-4000-8000-00000000c053")
PASSED_OVER = {"debit": "debits", "pending": "not_booked"}


class Described(BaseModel):
    """A part of a description; a name that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Manner(Described):
    """How a bank writes: see docs/guide/bank-statements.md."""

    version: str = "053.08"
    prefix: str = ""
    layout: Literal["line", "pretty", "crlf"] = "line"
    encoding: str = "utf-8"
    declares: str | None = None
    status: Literal["code", "plain"] | None = None
    date: Literal["day", "time", "zone", "utc", "value", "none"] = "day"
    text: str = "ustrd"
    width: int = 0
    spelling: Literal["own", "ascii", "capitals"] = "own"
    mark: str = "own"
    amounts: Literal["none", "txamt", "instdamt", "amt"] = "none"
    iban: Literal["IBAN", "Othr/Id"] = "IBAN"
    envelope: bool = False
    balances: bool = False
    extension: bool = False
    spoilt: bool = False


class Part(Described):
    """A payment: what stands of it in the file, and what it is; a person would match it to the order `person`."""

    amt: str | None = None
    ccy: str = "EUR"
    way: str | None = None
    text: str | None = None
    strd: str | list[str] | None = None
    endtoend: str | None = None
    invoice: str | None = None
    more: str | None = None
    payer: str | None = Field(None, alias="from")
    ultimate: str | None = None
    payee: str | None = Field(None, alias="to")
    returned: str | None = None
    charge: str | None = None
    instructed: str | None = None
    is_: str | None = Field(None, alias="is")
    known_as: str | None = None
    person: str | None = None


class Entry(Part):
    """A booking; its `parts` are the payments that it is made of, `batch` is what it says of their number."""

    way: str | None = "CRDT"
    status: str | None = "BOOK"
    day: str | None = "2026-11-20"
    value: str | None = None
    mark: str | None = None
    reversal: str | None = None
    code: str | None = None
    bank_text: str | None = None
    entry_charge: str | None = None
    batch: str | None = None
    nested: Literal["together", "apart"] = "together"
    parts: list[Part] = []


class Statement(Described):
    """What a statement has of its own."""

    number: str | None = None
    account: str | None = None
    ccy: str | None = "EUR"
    until: str | None = None
    page: str | None = None
    left_out: str | None = None
    entries: list[Entry] = []


class File(Described):
    """A file; `refused` is the rule by which all of it is, `again` which file of its case it is once more."""

    how: dict[str, Any] = {}
    statements: list[Statement] = []
    refused: str | None = None
    again: int | None = None


class Order(Described):
    """An order that waits for its money."""

    amount: str
    state: Literal["open", "cancelled", "another seller's"] = "open"


class Case(Described):
    """Files that come one after the other, and the orders that they are about."""

    name: str
    about: str
    orders: dict[str, Order] = {}
    files: list[File]

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Let a case of one file, or of one statement, leave out the levels between."""
        given = dict(given)
        given["orders"] = {k: v if isinstance(v, dict) else {"amount": v} for k, v in given.get("orders", {}).items()}
        if "files" not in given:
            statement = {name: given.pop(name) for name in tuple(given) if name in Statement.model_fields}
            statements = given.pop("statements", None) or [statement]
            given["files"] = [
                {"statements": statements, "how": given.pop("how", {}), "refused": given.pop("refused", None)}
            ]
        return given


class Bank(Described):
    """The statements of a country's banks."""

    account: str
    manners: dict[str, dict[str, Any]]
    cases: list[Case]


class Written(str):
    """An order's reference in a text, in the form in which a payer has written it."""

    __slots__ = ("number",)
    number: str

    def __format__(self, form: str) -> str:
        forms = {
            "": str(self),
            "blanks": iso11649.format(self),
            "lower": self.lower(),
            "letters": self[:4] + self[4:].replace("0", "O"),
            "number": self.number,
            "short": without_zeros(self.number),
        }
        return forms[form]


@dataclass(frozen=True, slots=True)
class Known:
    """An order of a case as the shop knows it."""

    id: UUID
    number: str
    reference: str
    amount: int
    state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a credit is: it pays the order, or several with a blank between their names, if it has no reason."""

    day: date | None
    amount: int
    currency: str
    reason: str | None
    order: str | None
    payer: str | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A case with all that stands beside it."""

    case: Case
    account: str
    manners: dict[str, dict[str, Any]]
    orders: dict[str, Known]

    def manner(self, file: File) -> Manner:
        """Return how a file is written: as its bank does, but for what it says itself."""
        how = dict(file.how)
        return Manner.model_validate({**self.manners[how.pop("like")], **how} if "like" in how else how)

    def written(self) -> dict[str, Written]:
        """Return the references as texts can name them."""
        texts = {name: Written(known.reference) for name, known in self.orders.items()}
        for name, text in texts.items():
            text.number = self.orders[name].number
        return texts


def without_zeros(number: str) -> str:
    """Return an order's number as people type it who leave out its leading zeros."""
    return re.sub("-0+", "-", number)


def minor(amount: str) -> int:
    """Return an amount as it stands in a description in minor units."""
    euros, _, cents = amount.partition(".")
    return int(euros) * 100 + int(cents.ljust(2, "0") or "0")


@cache
def corpus() -> dict[str, Example]:
    """Return all cases by name; each order of the corpus has a number of its own."""
    found: dict[str, Example] = {}
    count = 0
    for file in sorted(FOLDER.glob("*.yaml")):
        bank = Bank.model_validate(yaml.safe_load(file.read_text()))
        for case in bank.cases:
            orders: dict[str, Known] = {}
            for name, order in case.orders.items():
                count += 1
                number, order_id = f"K-2026-{count:06d}", uuid5(SPACE, f"{case.name} {name}")
                reference = reference_of(number, order_id)
                orders[name] = Known(order_id, number, reference, minor(order.amount), order.state)
            assert case.name not in found, case.name
            found[case.name] = Example(case, bank.account, bank.manners, orders)
    return found


def outcomes(described: Example, statement: Statement) -> Iterator[Outcome]:
    """Yield what the credits of a statement are, in their order."""
    for entry in statement.entries:
        for part in entry.parts or [entry]:
            if part.is_ is None and part is not entry:
                continue
            yield from _outcome(described, entry, part)
        if entry.parts and entry.is_ is not None:
            yield from _outcome(described, entry, entry)


def _outcome(described: Example, entry: Entry, part: Part) -> Iterator[Outcome]:
    assert part.is_ is not None, (described.case.name, entry)
    if part.is_ in PASSED_OVER:
        return
    on, amount, *words = part.is_.split()
    order = " ".join(word for word in words if word in described.orders) or None
    reason = next((word for word in words if word in set(Reason)), None)
    fault = next((word for word in words if word not in described.orders and word != reason), None)
    assert order or reason, part.is_
    day = None if on == "-" else date.fromisoformat(on)
    payer = part.known_as or part.payer or part.ultimate
    currency = part.ccy if fault == "Amt/@Ccy" else "EUR"
    yield Outcome(day, minor(amount), currency, reason, order, payer, fault)


def passed_over(statement: Statement) -> dict[str, int]:
    """Return how many entries and parts of a statement are no credits, by what they are."""
    parts = [part for entry in statement.entries for part in ([*entry.parts, entry] if entry.parts else [entry])]
    kinds = [PASSED_OVER[part.is_] for part in parts if part.is_ in PASSED_OVER]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
