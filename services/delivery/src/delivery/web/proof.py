"""What proves that an order or article was received (E20)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Listing, Routes, View

from delivery.domain.grants import GrantUnknown
from delivery.store import orders, proof
from delivery.web.uploads import Sku

routes = Routes()

PROVERS = ("sales", "support", "reviewer")
LINE = ("order", "order_number", "line", "sku")
Proves = Literal["acknowledged", "proxy"]


class FileProof(View):
    """A file of an order line, and when it was received first, in whatever version."""

    file: UUID
    name: str
    received_at: datetime | None


class LineProof(View):
    """An order line: received when all files that its link could open were."""

    order: UUID
    order_number: str
    line: UUID
    sku: str
    received: bool
    files: list[FileProof]


class ProofEntry(View):
    """What became of one download of an order line: the file was received where `completed_at` is set."""

    order: UUID
    order_number: str
    ordered_at: datetime
    customer: UUID
    line: UUID
    sku: str
    grant: UUID
    session: UUID
    file: UUID
    file_name: str
    file_version: str
    sha256: str
    size: int
    bytes_arrived: int
    requests: int
    aborts: int
    started_at: datetime
    completed_at: datetime | None
    proof: Proves | None


class ProofView(View):
    """Whether every line asked for was received, each line, and every download that was begun, oldest first."""

    received: bool
    lines: list[LineProof]
    downloads: list[ProofEntry]


class BoughtArticle(View):
    """An article that a customer has paid for, as it was called then."""

    sku: str
    name: str


@routes.get("/orders/{order}/downloads", allow=PROVERS)
async def order_downloads(read: Read, caller: Caller, order: UUID) -> ProofView:
    """What was downloaded of an order (E30)."""
    if await orders.find(read, caller.tenant, order) is None:
        raise GrantUnknown
    received = await proof.received_of_order(read, caller.tenant, order)
    return _proof(received, await proof.of_order(read, caller.tenant, order))


@routes.get("/customers/{customer}/skus", allow=PROVERS)
async def customer_articles(read: Read, caller: Caller, customer: UUID) -> Listing[BoughtArticle]:
    """The articles that a customer has paid for: those about which one can ask whether they were received."""
    found = await proof.articles_of_customer(read, caller.tenant, customer)
    return Listing(items=[BoughtArticle.model_validate(row) for row in found])


@routes.get("/customers/{customer}/skus/{sku}/downloads", allow=PROVERS)
async def customer_downloads(read: Read, caller: Caller, customer: UUID, sku: Sku) -> ProofView:
    """Did this customer receive that product, when, and which hash (E20, DEL-8)?"""
    asked = (caller.tenant, customer, sku)
    received = await proof.received_of_customer_and_sku(read, *asked)
    return _proof(received, await proof.of_customer_and_sku(read, *asked))


def _proof(received: Sequence[dict[str, Any]], downloads: Sequence[dict[str, Any]]) -> ProofView:
    lines = [_line_proof(list(rows)) for _, rows in groupby(received, itemgetter("line"))]
    return ProofView(
        received=bool(lines) and all(line.received for line in lines),
        lines=lines,
        downloads=[ProofEntry.model_validate(row) for row in downloads],
    )


def _line_proof(rows: Sequence[dict[str, Any]]) -> LineProof:
    files = [FileProof.model_validate(row) for row in rows if row["file"] is not None]
    received = bool(files) and all(file.received_at for file in files)
    return LineProof(**{name: rows[0][name] for name in LINE}, received=received, files=files)
