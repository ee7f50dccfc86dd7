"""A sale as the other services publish it, and what becomes of its e-mails."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.identity.sealing import seal
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.delivery import DownloadExtended, DownloadGranted
from contracts.event import SubjectKey
from contracts.letters import EmailSent
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import (
    Consent,
    ConsentKind,
    DeliveryReleased,
    Line,
    OrderCancelled,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
)
from contracts.payments import DisputeClosed, DisputeOpened, PaymentRefunded, TransferRequested
from uuid_utils.compat import uuid7

NOTICE = "Sie haben das Recht, binnen vierzehn Tagen ohne Angabe von Gründen diesen Vertrag zu widerrufen."


def line(sku: str = "VISTA-HP-ESD", *, units: int = 1, price: int = 21900, **changes: Any) -> Line:
    """A line of so many units, 19 % VAT contained."""
    gross = price * units
    tax = round(gross * 19 / 119)
    facts: dict[str, Any] = {
        "line": uuid7(),
        "units": [uuid7() for _ in range(units)],
        "sku": sku,
        "name": f"Product {sku}",
        "rrp": price,
        "price": price,
        "discount": 0,
        "tax_class": "standard",
        "tax_rate": 1900,
        "net": gross - tax,
        "tax": tax,
        "gross": gross,
        "fulfilment": "download",
        "key_source": "imported",
        "link_validity_days": 30,
        "download_limit": 5,
        **changes,
    }
    return Line.model_validate(facts)


@dataclass
class Sale:
    """One order of one customer, with what each service would publish of it."""

    home: Harness
    lines: list[Line] = field(default_factory=lambda: [line(units=2), line("WORKS-9-ESD", price=4999)])
    name: str = "Erika Musterfrau"
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    tenant: str = "kontor"
    order: UUID = field(default_factory=uuid7)
    ordered_at: datetime = field(init=False)
    email: str = ""
    contact: SubjectKey = field(init=False)
    claims: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.ordered_at = self.home.clock.now()
        self.email = self.email or f"c{self.order.hex}@example.org"
        self.claims = self.home.accounts.person_claims(self.name, self.email)
        self.contact = SubjectKey.model_validate_json(json.dumps(self.claims["keys"]["contact"]))

    @property
    def head(self) -> dict[str, Any]:
        return {
            "tenant": self.tenant,
            "channel": "direct",
            "market": "DE",
            "seller": "kontor",
            "order": self.order,
            "order_number": f"K-2026-{self.order.hex[-6:]}",
            "ordered_at": self.ordered_at,
        }

    @property
    def _totals(self) -> dict[str, Any]:
        sums = {name: sum(getattr(one, name) for one in self.lines) for name in ("net", "tax", "gross")}
        return {**sums, "currency": "EUR"}

    @property
    def _buyer(self) -> dict[str, Any]:
        boxes = {name: self.claims[name] for name in ("name_profile", "email_profile", "name_contact", "email_contact")}
        return {
            "customer": UUID(int=self.order.int ^ 1),
            "customer_type": "consumer",
            "language": "de",
            "payment_method": "card",
            "totals": self._totals,
            "keys": self.claims["keys"],
            **boxes,
        }

    @property
    def consents(self) -> list[Consent]:
        """Both statements for immediate delivery."""
        texts = {
            ConsentKind.IMMEDIATE_DELIVERY: "Bitte liefern Sie sofort.",
            ConsentKind.WITHDRAWAL_LOST: "Ich verliere mein Widerrufsrecht.",
        }
        shown: dict[str, Any] = {"version": "2026-06", "language": "de", "given_at": self.ordered_at}
        return [Consent(kind=kind, text=text, **shown) for kind, text in texts.items()]

    def placed(self, **changes: Any) -> OrderPlaced:
        facts = {
            **OrderPlaced.EXAMPLE,
            **self.head,
            **self._buyer,
            "consents": self.consents,
            "terms": {**OrderPlaced.EXAMPLE["terms"], "withdrawal_notice": NOTICE},
            "lines": self.lines,
            "pay_until": self.ordered_at + timedelta(days=14),
            **self.changes,
            **changes,
        }
        return _made(OrderPlaced, facts)

    def paid(self, *, after: float = 5, lines: list[Line] | None = None) -> OrderPaid:
        buyer = {**self._buyer, **{name: v for name, v in self.changes.items() if name in self._buyer}}
        at = self.ordered_at + timedelta(seconds=after)
        return _made(OrderPaid, {**self.head, **buyer, "paid_at": at, "lines": lines or self.lines})

    def disputed(self) -> DisputeOpened:
        return _made(DisputeOpened, {**DisputeOpened.EXAMPLE, **self.head, "dispute": self.order})

    def undisputed(self, outcome: str) -> DisputeClosed:
        return _made(DisputeClosed, {**DisputeClosed.EXAMPLE, **self.head, "dispute": self.order, "outcome": outcome})

    def claimed(self, revision: int, of: Line) -> ClaimOpened:
        facts = {"order": self.order, "units": of.units, "revision": revision}
        return _made(ClaimOpened, {**ClaimOpened.EXAMPLE, **facts})

    def decided(self, revision: int, *back: Line) -> ClaimDecided:
        """A claim whose units of these lines go back."""
        facts = {"order": self.order, "units": [unit for one in back for unit in one.units], "revision": revision}
        return _made(ClaimDecided, {**ClaimDecided.EXAMPLE, **facts})

    def granted(self, of: Line, token: str = "", **changes: Any) -> DownloadGranted:
        facts = {
            **DownloadGranted.EXAMPLE,
            **self.head,
            "line": of.line,
            "grant": UUID(int=of.line.int ^ 2),
            "sku": of.sku,
            "units": of.units,
            "token": seal(token or self.token(of), self.contact, "token"),
            "valid_until": self.ordered_at + timedelta(days=30),
            **changes,
        }
        return _made(DownloadGranted, facts)

    def extended(self, of: Line, days: int = 40, limit: int = 7) -> DownloadExtended:
        grant, until = UUID(int=of.line.int ^ 2), self.ordered_at + timedelta(days=days)
        return DownloadExtended(**self.head, line=of.line, grant=grant, valid_until=until, download_limit=limit)

    def token(self, of: Line) -> str:
        return f"token-{of.line.hex}"

    def key(self, unit: UUID) -> str:
        return f"KEY-{unit.hex.upper()}"

    def issued(self, of: Line, unit: UUID) -> LicenseIssued:
        facts = {
            **self.head,
            "line": of.line,
            "unit": unit,
            "license": UUID(int=unit.int ^ 3),
            "sku": of.sku,
            "license_key": seal(self.key(unit), self.contact, "license_key"),
            "issued_at": self.ordered_at,
        }
        return _made(LicenseIssued, facts)

    def shared(self, of: Line, units: list[UUID]) -> LicenseIssued:
        """The key of a purchase, given to these units so far; another event of it is a copy with more of them."""
        facts = {"license": UUID(int=of.line.int ^ 3), "units": units}
        return self.issued(of, units[0]).model_copy(update=facts)

    def backordered(self, of: Line, unit: UUID) -> LicenseBackordered:
        return LicenseBackordered(**self.head, line=of.line, unit=unit, sku=of.sku)

    def parts(self, lines: list[Line] | None = None) -> list[Any]:
        """Every link and key of these lines."""
        found: list[Any] = []
        for one in lines or self.lines:
            if one.fulfilment == "download":
                found.append(self.granted(one))
                found += [self.issued(one, unit) for unit in one.units if one.key_source != "none"]
        return found

    def requested(self) -> TransferRequested:
        due = self.ordered_at + timedelta(days=14)
        facts = {**TransferRequested.EXAMPLE, **self.head, "amount": self._totals["gross"], "due_at": due}
        return _made(TransferRequested, facts)

    def released(self, of: list[Line], at: datetime, consents: list[Consent] | None = None) -> DeliveryReleased:
        return DeliveryReleased(**self.head, lines=[one.line for one in of], deliver_from=at, consents=consents)

    def cancelled(self, units: list[UUID] | None = None, reason: str = "customer") -> OrderCancelled:
        units = units or [unit for one in self.lines for unit in one.units]
        return _made(OrderCancelled, {**self.head, "units": units, "reason": reason, "cancelled_at": self.ordered_at})

    def refunded(self, of: Line, units: list[UUID]) -> OrderRefunded:
        rows = [{"unit": unit, "line": of.line, "net": 1, "tax": 1, "gross": of.price} for unit in units]
        facts = {
            **self.head,
            "refund": UUID(int=units[0].int ^ 4),
            "customer": UUID(int=self.order.int ^ 1),
            "units": rows,
            "reason": "goodwill",
            "amount": of.price * len(units),
            "currency": "EUR",
            "refunded_at": self.ordered_at,
        }
        return _made(OrderRefunded, facts)

    def repaid(self, refunded: OrderRefunded, **changes: Any) -> PaymentRefunded:
        facts = {
            **PaymentRefunded.EXAMPLE,
            **self.head,
            "repayment": UUID(int=refunded.refund.int ^ 5),
            "refund": refunded.refund,
            "amount": refunded.amount,
            **changes,
        }
        return _made(PaymentRefunded, facts)


def _made(kind: type[Any], facts: dict[str, Any]) -> Any:
    return kind.model_validate(facts)


async def sent(home: Harness, sale: Sale, at_least: int = 1) -> list[EmailSent]:
    """The EmailSent of a sale, waiting until there are so many."""

    async def enough() -> list[EmailSent] | None:
        found = [event for event in await home.published(EmailSent, at_least=0) if event.order == sale.order]
        return found if len(found) >= at_least else None

    return await until(enough, what=f"{at_least} EmailSent")


async def states(home: Harness, sale: Sale) -> list[tuple[str, str]]:
    """Kind and state of every e-mail of a sale, in their sequence."""
    rows = await home.sql("select kind, state from emails where order_id = $1 order by sequence", sale.order)
    return [(row["kind"], row["state"]) for row in rows]


async def settled_as(home: Harness, sale: Sale, *expected: tuple[str, str]) -> None:
    """Wait until the e-mails of a sale stand like this."""

    async def so() -> bool:
        return await states(home, sale) == list(expected)

    await until(so, what=f"{expected}")


async def swept(home: Harness) -> None:
    """Wait until the sweep has begun and ended once more, and whatever it recorded had its turn."""
    for point in ("sweep:conclude orders:done", "outbound:send e-mails:claimed"):
        before = home.fault.passed.count(point)

        async def twice(point: str = point, before: int = before) -> bool:
            return home.fault.passed.count(point) >= before + 2

        await until(twice, what=point)


async def buy(home: Harness, **more: Any) -> Sale:
    sale = Sale(home, [line()], **more)
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    return sale


async def failed(home: Harness, sale: Sale, times: int = 1) -> None:
    """Wait until an e-mail's attempts have failed so often."""

    async def so() -> bool:
        rows = await home.sql("select failures from emails where order_id = $1", sale.order)
        return bool(rows) and rows[0]["failures"] >= times

    await until(so, what=f"{times} failures")
