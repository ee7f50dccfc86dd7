"""Reads files as payments does, without a database, and judges what came of them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from payments.clients import camt
from payments.domain.ledger import Ledger
from payments.domain.matching import Booked, Matched, Named, decide, digest
from payments.domain.orders import Order, Unit
from payments.domain.references import compact_number
from payments.domain.statements import CURRENCY, Credit, Statement, StatementUnreadable

from .description import SPACE, Example, Outcome, corpus, outcomes, passed_over, without_zeros
from .writer import write

NOW = datetime(2026, 11, 2, tzinfo=UTC)
SELLER, ANOTHER = "kontor", "another"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a file: its credits one by one, or the rule by which it was refused."""

    outcomes: tuple[Outcome, ...] = ()
    passed_over: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    refused: str | None = None


@dataclass
class Shop:
    """What payments knows of the orders and earlier statements of an example; it reads files one after the other."""

    example: Example
    ledgers: dict[UUID, Ledger] = field(default_factory=dict[UUID, Ledger])
    booked: dict[str, dict[str, list[Booked]]] = field(default_factory=dict[str, dict[str, list[Booked]]])
    statements: dict[tuple[str, str], tuple[bytes, list[Outcome]]] = field(default_factory=dict[Any, Any])
    paid: list[tuple[Credit, Statement, str]] = field(default_factory=list[tuple[Credit, Statement, str]])

    def __post_init__(self) -> None:
        for name, known in self.example.orders.items():
            self.ledgers[known.id] = Ledger(an_order(self.example, name))

    def read(self, content: bytes) -> Result:
        """Return what comes of a file."""
        try:
            file = camt.parse(content)
        except StatementUnreadable as error:
            return Result(refused=error.rule)
        accounts = {one.account for one in corpus().values()}
        ours = [one for one in file.statements if one.iban in accounts and one.currency == CURRENCY]
        if not ours:
            foreign = any(one.currency != CURRENCY for one in file.statements)
            return Result(refused="statement-currency" if foreign else "account-foreign")
        found: list[Outcome] = []
        passed: dict[str, int] = defaultdict(int)
        left = [one.rule for one in file.unread] + ["other"] * (len(file.statements) - len(ours))
        same = 0
        for statement in ours:
            key = statement.iban, statement.identity
            if key not in self.statements:
                self.statements[key] = statement.digest, self._book(statement)
            content_known, known = self.statements[key]
            if content_known != statement.digest:
                left.append("known")
                continue
            same += 1
            found += known
            for kind, count in statement.passed_over.items():
                passed[kind] += count
        if not same:
            return Result(refused="known")
        return Result(tuple(found), tuple(sorted(passed.items())), tuple(sorted(left)))

    def _book(self, statement: Statement) -> list[Outcome]:
        ids = [uuid4() for _ in statement.credits]
        orders = {ledger.order.reference or "": order_id for order_id, ledger in self.ledgers.items()}
        by_number = [(one.order.seller_id, one.order.number, order_id) for order_id, one in self.ledgers.items()]
        numbers = {(seller, compact_number(number)): order_id for seller, number, order_id in by_number}
        short = {(seller, compact_number(without_zeros(number))): order_id for seller, number, order_id in by_number}
        named = Named(orders, numbers, short, self.ledgers, {})
        earlier = self.booked.setdefault(statement.iban, {})
        before = {key: list(rows) for key, rows in earlier.items()}
        matches = decide(statement.credits, SELLER, ids, named, before, statement.repeated)
        for credit, (found, paid) in zip(statement.credits, matches, strict=True):
            if credit.identity:
                earlier.setdefault(digest(credit.identity), []).append(Booked(credit.part, found.order_id))
            if found.reason is None:
                self.paid.append((credit, statement, self._names(ledger.order.id for ledger in paid)))
        return [self._outcome(credit, one) for credit, one in zip(statement.credits, matches, strict=True)]

    def _outcome(self, credit: Credit, matched: Matched) -> Outcome:
        found, paid = matched
        reason = None if found.reason is None else str(found.reason)
        of = [ledger.order.id for ledger in paid] or [found.order_id]
        name, names = credit.payer.name, self._names(of) or None
        return Outcome(credit.booked_on, credit.amount, credit.currency, reason, names, name, credit.fault)

    def _names(self, order_ids: Iterable[UUID | None]) -> str:
        wanted = set(order_ids)
        return " ".join(name for name, known in self.example.orders.items() if known.id in wanted)


def an_order(example: Example, name: str) -> Order:
    """Return an order of an example as payments knows it before any money is in."""
    known = example.orders[name]
    unit = Unit(uuid5(SPACE, f"{known.id}"), known.amount)
    return Order(
        tenant="kontor",
        id=known.id,
        number=known.number,
        customer_id=known.id,
        channel="direct",
        market="DE",
        seller_id=ANOTHER if known.state == "another seller's" else SELLER,
        payment_method="transfer",
        currency=CURRENCY,
        gross=known.amount,
        ordered_at=NOW,
        pay_until=NOW,
        reference=known.reference,
        requested_at=None,
        traceparent=None,
        cancelled_units=frozenset({unit.id}) if known.state == "cancelled" else frozenset[UUID](),
        units=(unit,),
    )


def expected(example: Example, at: int) -> Result:
    """Return what is described of a file of an example."""
    file = example.case.files[at]
    if file.again is not None:
        return expected(example, file.again)
    if file.refused is not None:
        return Result(refused=file.refused)
    read = [statement for statement in file.statements if statement.left_out is None]
    passed: dict[str, int] = defaultdict(int)
    for statement in read:
        for kind, count in passed_over(statement).items():
            passed[kind] += count
    left = sorted(statement.left_out for statement in file.statements if statement.left_out is not None)
    found = [one for statement in read for one in outcomes(example, statement)]
    return Result(tuple(found), tuple(sorted(passed.items())), tuple(left))


def written(example: Example) -> list[bytes]:
    """Return the files of an example as its banks write them."""
    files = example.case.files
    return [
        write(example, *((files[file.again], file.again) if file.again is not None else (file, at)))
        for at, file in enumerate(files)
    ]


def wrongly_paid(shop: Shop) -> list[str]:
    """Return what was paid that is not exactly the order's, told by other means than those of payments."""
    wrong: list[str] = []
    counts: dict[str, int] = defaultdict(int)
    accounts = {one.account for one in corpus().values()}
    for credit, statement, names in shop.paid:
        paid = [shop.example.orders[name] for name in names.split()]
        for name in names.split():
            counts[name] += 1
        signs = plain(" ".join([*credit.wording.structured, *credit.written]))
        amount, currencies = sum(known.amount for known in paid), (credit.currency, statement.currency)
        exact = (credit.amount, currencies) == (amount, (CURRENCY, CURRENCY)) and credit.doubt is None
        meant = all(
            plain(known.reference) in signs
            or plain(known.number) in signs
            or re.search(plain(without_zeros(known.number)) + "(?![0-9])", signs)
            for known in paid
        )
        owed = all(known.state == "open" for known in paid) and all(counts[name] == 1 for name in names.split())
        if not (paid and exact and meant and owed and statement.iban in accounts):
            wrong.append(f"{shop.example.case.name}: {names} by {credit}")
    return wrong


def plain(text: str) -> str:
    """Return a text without what payers change in a reference."""
    return re.sub("[^0-9A-Z]", "", re.sub(r"\?[0-9]{2}", "", text).upper()).translate(str.maketrans("OIL", "011"))


def by_a_person(example: Example) -> int:
    """Return how many payments of an example a person would match to their order."""
    files = [file for file in example.case.files if file.again is None and file.refused is None]
    read = [statement for file in files for statement in file.statements if statement.left_out is None]
    parts = [part for statement in read for entry in statement.entries for part in (entry.parts or [entry])]
    found = [one for statement in read for one in outcomes(example, statement)]
    return sum(one.reason is None for one in found) + sum(part.person is not None for part in parts)
