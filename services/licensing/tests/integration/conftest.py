import base64
import secrets
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.identity.sealing import open_box
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.catalog import ProductPublished
from contracts.event import SubjectKey
from contracts.examples import SALE
from contracts.licensing import LicenseIssued
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, Line, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened
from contracts.shared import CustomerKeys, KeySource, KeysPer
from licensing.__main__ import service

UNFINISHED = """
select (select count(*) from units where state = 'waiting' and release_at <= now() + make_interval(secs => $1))
     + (select count(*) from chassis.outbox)
"""

GIVEN = """
select license_id as license, id as unit
from units
where license_id is not null
"""

HAS_ARTICLE = """
select 1
from stocks
where tenant = $1
  and sku = $2
  and settings_sequence >= 0
"""


@dataclass(frozen=True)
class Sale:
    """An order of one line, as the other services tell it."""

    sku: str
    units: list[UUID]
    contact: SubjectKey
    key_source: KeySource = KeySource.IMPORTED
    key_prefix: str = ""
    keys_per: KeysPer = KeysPer.UNIT
    tenant: str = "kontor"
    order: UUID = field(default_factory=uuid4)
    line: UUID = field(default_factory=uuid4)
    customer: UUID = field(default_factory=uuid4)

    @property
    def header(self) -> dict[str, Any]:
        return SALE | {"tenant": self.tenant, "order": str(self.order)}

    def _lines(self, units: list[UUID] | None, deliver_from: datetime | None = None) -> list[Line]:
        example = Line.model_validate(OrderPaid.EXAMPLE["lines"][0])
        keys = {"key_source": self.key_source, "key_prefix": self.key_prefix, "keys_per": self.keys_per}
        update = {"sku": self.sku, "line": self.line, "units": units or self.units, "deliver_from": deliver_from}
        return [example.model_copy(update=update | keys)]

    def _facts(self, event: type[OrderPaid | OrderPlaced]) -> dict[str, Any]:
        keys = CustomerKeys(profile=self.contact, contact=self.contact)
        return {**event.EXAMPLE, **self.header, "customer": str(self.customer), "keys": keys.model_dump()}

    def placed(self) -> OrderPlaced:
        placed = OrderPlaced.model_validate(self._facts(OrderPlaced))
        return placed.model_copy(update={"lines": self._lines(None)})

    def paid(
        self, at: datetime | None = None, units: list[UUID] | None = None, deliver_from: datetime | None = None
    ) -> OrderPaid:
        paid = OrderPaid.model_validate(self._facts(OrderPaid))
        update: dict[str, Any] = {"lines": self._lines(units, deliver_from)}
        return paid.model_copy(update=update | ({"paid_at": at} if at else {}))

    def refunded(self, *units: UUID) -> OrderRefunded:
        said = OrderRefunded.EXAMPLE["units"][0]
        taken = [{**said, "unit": str(unit), "line": str(self.line)} for unit in units or self.units]
        head = {"refund": str(uuid4()), "customer": str(self.customer), "units": taken}
        return OrderRefunded.model_validate({**OrderRefunded.EXAMPLE, **self.header, **head})

    def released(self, at: datetime) -> DeliveryReleased:
        facts = {**DeliveryReleased.EXAMPLE, **self.header, "lines": [str(self.line)]}
        return DeliveryReleased.model_validate(facts).model_copy(update={"deliver_from": at})

    def disputed(self) -> DisputeOpened:
        return DisputeOpened.model_validate({**DisputeOpened.EXAMPLE, **self.header, "dispute": str(self.line)})

    def undisputed(self, outcome: str) -> DisputeClosed:
        facts = {"dispute": str(self.line), "outcome": outcome}
        return DisputeClosed.model_validate({**DisputeClosed.EXAMPLE, **self.header, **facts})

    def claimed(self, revision: int = 1, *units: UUID) -> ClaimOpened:
        facts = {"claim": self.line, "units": units or self.units, "revision": revision}
        return ClaimOpened.model_validate({**ClaimOpened.EXAMPLE, **self.about, **facts})

    def decided(self, revision: int, *units: UUID) -> ClaimDecided:
        facts = {"claim": self.line, "units": units, "revision": revision}
        return ClaimDecided.model_validate({**ClaimDecided.EXAMPLE, **self.about, **facts})

    @property
    def about(self) -> dict[str, Any]:
        return {"tenant": self.tenant, "order": self.order}

    def cancelled(self) -> OrderCancelled:
        facts = {**OrderCancelled.EXAMPLE, **self.header, "units": [str(unit) for unit in self.units]}
        return OrderCancelled.model_validate(facts)


@dataclass
class Counter:
    """The licensing service, with what its neighbours and clients do."""

    home: Harness
    license_key_file: Path

    def sale(self, sku: str, units: int = 1, **changes: Any) -> Sale:
        return Sale(sku, [uuid4() for _ in range(units)], self.home.accounts.new_key(), **changes)

    def staff(self, *roles: str, tenant: str = "kontor") -> dict[str, str]:
        return self.home.bearer(self.home.accounts.token(uuid4(), *roles, tenant=tenant))

    def customer(self, sale: Sale) -> dict[str, str]:
        return self.home.bearer(self.home.accounts.token(sale.customer, "customer", tenant=sale.tenant))

    async def sells(self, sku: str, tenant: str = "kontor", low_stock: int = 5, devices: int | None = None) -> None:
        """Let a tenant have an article with this SKU, if it has none."""

        async def known() -> bool:
            return bool(await self.home.sql(HAS_ARTICLE, tenant, sku))

        if not await known():
            await self.home.publish(article(sku, low_stock, devices).model_copy(update={"tenant": tenant}))
            await until(known, what="licensing to know the article")

    async def fill(
        self, sku: str, content: str | bytes, *, roles: str = "files", tenant: str = "kontor", **options: str | bool
    ) -> tuple[int, dict[str, Any]]:
        await self.sells(sku, tenant)
        headers = self.staff(roles, tenant=tenant) | {"Content-Type": "text/csv"}
        query = {name: str(value).lower() for name, value in options.items()}
        path = f"/skus/{sku}/serials"
        async with self.home.http.post(path, params=query, data=content, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        async with self.home.http.get(path, headers=headers) as answer:
            return answer.status, await answer.json()

    async def stock(self, sku: str) -> dict[str, Any]:
        status, stock = await self.get(f"/skus/{sku}/stock", self.staff("files"))
        assert status == 200, stock
        return stock

    async def backorders(self, **whose: str) -> list[Any]:
        status, found = await self.get("/backorders", self.staff("support", **whose))
        assert status == 200, found
        return found["items"]

    async def ask(self, path: str, license_key: str, tenant: str = "kontor", **more: Any) -> dict[str, Any]:
        """What a program that knows a key is answered."""
        body = {"license_key": license_key, "tenant": tenant, **more}
        async with self.home.http.post(path, json=body) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            return said

    async def validate(self, license_key: str, tenant: str = "kontor", **more: Any) -> str:
        said = await self.ask("/validate", license_key, tenant, **more)
        assert set(said) == {"valid", "code"}
        assert said["valid"] is (said["code"] == "valid")
        return said["code"]

    async def quiet(self) -> None:
        """Wait until all was heard and nothing is left to issue or say."""
        await self.home.settled()
        shift = float(self.home.clock_file.read_text())

        async def done() -> bool:
            return not (await self.home.sql(UNFINISHED, shift))[0][0]

        await until(done, what="all keys to be issued")

        async def told() -> bool:  # what has left the outbox is not yet read by this side
            given = {(row["license"], row["unit"]) for row in await self.home.sql(GIVEN)}
            return given <= {(one.license, unit) for one in await self.log_of(LicenseIssued) for unit in one.units}

        await until(told, what="all issued keys to be read")

    async def issued(self, sku: str, count: int) -> None:
        """Wait until so many units of a SKU have a key."""

        async def done() -> bool:
            return (await self.stock(sku))["issued"] == count

        await until(done, what=f"{count} keys of {sku}")

    async def states(self, sale: Sale) -> list[str]:
        rows = await self.home.sql("select state from units where order_id = $1 order by position", sale.order)
        return [row["state"] for row in rows]

    async def texts(self, *sales: Sale) -> dict[UUID, str]:
        """The key of each unit as its customer reads it; a unit that was told two keys fails here."""
        orders = {str(sale.order): sale for sale in sales}
        read: dict[UUID, str] = {}
        for issued in await self.said(LicenseIssued, *sales):
            box = issued.license_key
            assert box.key == orders[str(issued.order)].contact.key
            assert box.kind == "license_key"
            text = open_box(box, self.home.accounts.private_halves[box.key])
            assert issued.units[0] == issued.unit
            for unit in issued.units:
                assert read.setdefault(unit, text) == text
        return read

    async def said(self, event: Any, *sales: Sale) -> list[Any]:
        """What was said of these orders."""
        orders = {sale.order for sale in sales}
        return [one for one in await self.log_of(event) if one.order in orders]

    async def log_of(self, event: Any) -> list[Any]:
        """What was said so far; nothing at all is an answer too."""
        return await self.home.published(event, at_least=0) if self.home.log.get(event.DECLARED.topic) else []


def article(sku: str, low_stock: int, devices: int | None = None) -> ProductPublished:
    """A product whose only variant takes its keys from a stock."""
    product = ProductPublished.model_validate(ProductPublished.EXAMPLE)
    edition = product.editions[0]
    variant = edition.variants[0]
    settings = variant.license.model_copy(update={"low_stock": low_stock, "devices": devices})
    variants = [variant.model_copy(update={"sku": sku, "license": settings})]
    update = {"product": uuid4(), "editions": [edition.model_copy(update={"variants": variants})]}
    return product.model_copy(update=update)


def serials(prefix: str, count: int) -> list[str]:
    return [f"{prefix}-{number:05d}-{secrets.token_hex(4).upper()}" for number in range(count)]


def later(minutes: float) -> datetime:
    return OrderPaid.model_validate(OrderPaid.EXAMPLE).paid_at + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def license_key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("licensing") / "license-key"
    file.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return file


@pytest.fixture(scope="module")
async def counter(service_home: ServiceHome, license_key_file: Path) -> AsyncGenerator[Counter]:
    settings = {"license_key_file": license_key_file, "validations_per_minute": 100_000}
    async with service_home(service, **settings, validations_per_minute_in_total=100_000) as home:
        await home.open_tenants("kontor")
        yield Counter(home, license_key_file)
