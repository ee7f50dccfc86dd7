"""The seller's side: staff with roles, files, serials, statements, refunds, statistics."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from journeys.statement import Credit, camt053
from journeys.suite import Suite, until

DATA = Path(__file__).resolve().parents[3] / "local" / "data"
BIG = 50 * 1024 * 1024


def content(sku: str, size: int) -> bytes:
    """Return a file of this size whose bytes follow from the SKU, so that nobody has to keep it."""
    seed = hashlib.sha256(sku.encode()).digest()
    return (seed * (size // len(seed) + 1))[:size]


@dataclass(slots=True)
class Staff:
    """A member of the seller's staff, with these roles."""

    suite: Suite
    tenant: str
    roles: tuple[str, ...]
    email: str
    name: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    token: str = ""

    async def hire(self) -> "Staff":
        """Have the operator make the account, and sign in."""
        await hire(self)
        return self

    async def sign_in(self) -> None:
        """Get an access token."""
        body = {"tenant": self.tenant, "email": self.email, "password": self.password}
        self.token = (await self.suite.call("accounts", "POST", "/sign-in", json=body))["access_token"]

    async def ask(self, service: str, method: str, path: str, **how: Any) -> Any:
        """Call a service as this person."""
        return await self.suite.call(service, method, path, token=self.token, **how)

    async def upload(self, sku: str, size: int) -> str:
        """Upload a file for a SKU; return its SHA-256."""
        body = content(sku, size)
        name = f"{sku.lower()}.exe"
        headers = {"Content-Type": "application/octet-stream"}
        await self.ask("delivery", "PUT", f"/skus/{sku}/files/{name}?version=1", data=body, headers=headers)
        return hashlib.sha256(body).hexdigest()

    async def import_serials(self, sku: str, count: int) -> None:
        """Import so many new serials, once licensing knows the article."""

        async def known() -> Any:
            return await self.ask("licensing", "GET", f"/skus/{sku}/stock")

        await until(known, f"licensing to know {sku}")
        rows = "".join(f"{sku}-{secrets.token_hex(8).upper()}\n" for _ in range(count))
        headers = {"Content-Type": "text/csv"}
        await self.ask("licensing", "POST", f"/skus/{sku}/serials", data=rows.encode(), headers=headers)

    async def import_statement(self, iban: str, *booked: Credit) -> Any:
        """Import a bank statement."""
        headers = {"Content-Type": "application/xml"}
        return await self.ask("payments", "POST", "/statements", data=camt053(iban, booked), headers=headers)

    async def refund(self, order: str, units: list[str]) -> Any:
        """Refund units as goodwill."""
        return await self.ask("orders", "POST", f"/orders/{order}/refunds", json={"units": units, "reason": "goodwill"})


async def hire(*staff: Staff) -> None:
    """Have the operator let people work for their tenant, all at once, and sign them in."""
    suite, tenant = staff[0].suite, staff[0].tenant
    with TemporaryDirectory(dir=Path(suite.state.home) / "secrets") as directory:  # which nobody else may read
        file, members = Path(directory) / "staff.yaml", list[dict[str, object]]()
        for one in staff:
            password = Path(directory) / secrets.token_hex(4)
            password.write_text(one.password)
            password.chmod(0o600)
            roles, name = list(one.roles), one.name
            members.append({"email": one.email, "name": name, "roles": roles, "password_file": str(password)})
        file.write_text(yaml.safe_dump({"staff": members}))
        await suite.stack_run("accounts", "staff", "load", "--tenant", tenant, "--file", str(file))
    await asyncio.gather(*(one.sign_in() for one in staff))


@dataclass(slots=True)
class Shop:
    """A tenant that is ready to sell: assortment, files, serials, staff, rewards programme.

    Its `keeper` looks after the services and the staff, its `reviewer` decides what sides disagree about.
    """

    suite: Suite
    tenant: str
    seller: Staff
    bookkeeper: Staff
    keeper: Staff | None = None
    reviewer: Staff | None = None
    hashes: dict[str, str] = field(default_factory=dict[str, str])

    async def stock(self, skus: list[str], big: str) -> None:
        """Upload a file for each SKU, one of them of 50 MB, and serials for those that draw from stock."""
        for sku in skus:
            self.hashes[sku] = await self.seller.upload(sku, BIG if sku == big else 300_000)

    async def ready_to_sell(self, skus: list[str], channel: str = "direct") -> None:
        """Wait until the shop window shows all of them."""

        async def complete() -> bool:
            path = f"/products?channel={channel}&tenant={self.tenant}&limit=100"
            page = await self.suite.call("catalog", "GET", path)
            offered = {v["sku"] for p in page["items"] for e in p["editions"] for v in e["variants"]}
            return offered >= set(skus)

        await until(complete, "the shop window")
