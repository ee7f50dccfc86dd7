"""Files and links to them, as delivery stores them."""

import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from benchmarks.home import ProgramFailed

TENANT = "kontor"
PIECE = 2**20
MONTH = timedelta(days=30)
MOST = 1_000_000
LINES = "tenant order_id id sku name link_validity_days download_limit not_before"
GRANTS = "tenant id order_id line_id sku unit_ids token_hash sealed_token granted_at valid_until download_limit"
ORDERS = "tenant id channel market seller number ordered_at customer_id language contact name_profile email_profile"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An uploaded file: its article, its id, its bytes, and the path under which delivery stores it."""

    sku: str
    id: UUID
    size: int
    path: Path


async def upload(url: str, token: str, directory: Path, sku: str, size: int) -> StoredFile:
    """Upload a file of so many bytes as staff does. Raises ProgramFailed."""
    piece = os.urandom(PIECE)
    digest = hashlib.sha256()

    async def body() -> AsyncGenerator[bytes]:
        for _ in range(size // PIECE):
            digest.update(piece)
            yield piece

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/zip"}
    timeout = aiohttp.ClientTimeout(total=600)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.put(f"{url}/skus/{sku}/files/setup.zip", data=body(), headers=headers) as answer,
    ):
        if answer.status != 200:
            raise ProgramFailed(f"an upload was answered {answer.status}: {await answer.text()}")
        (file,) = (await answer.json())["items"]
    sha256 = digest.hexdigest()
    return StoredFile(sku, UUID(file["file"]), size, directory / "objects" / TENANT / sha256[:2] / sha256)


async def sell(database: str, sku: str, count: int) -> list[str]:
    """Store so many links to an article's files, each of another order, and return their secrets."""
    now, links = datetime.now(UTC), [secrets.token_urlsafe(32) for _ in range(count)]
    orders: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    grants: list[tuple[object, ...]] = []
    for number, link in enumerate(links):
        order, line, mark = uuid4(), uuid4(), hashlib.sha256(link.encode()).digest()
        head = ("direct", "DE", "kontor", f"K-{sku}-{number}", now, uuid4(), "de", "a key", "sealed", "sealed")
        orders.append((TENANT, order, *head))
        lines.append((TENANT, order, line, sku, "Windows Vista", 30, MOST, now))
        grants.append((TENANT, uuid4(), order, line, sku, [uuid4()], mark, "sealed", now, now + MONTH, MOST))
    await _copy(database, {"orders": (ORDERS, orders), "lines": (LINES, lines), "grants": (GRANTS, grants)})
    return links


async def _copy(database: str, tables: dict[str, tuple[str, Sequence[tuple[object, ...]]]]) -> None:
    connection = await asyncpg.connect(database)
    try:
        for table, (columns, records) in tables.items():
            await connection.copy_records_to_table(table, columns=columns.split(), records=records)
    finally:
        await connection.close()
