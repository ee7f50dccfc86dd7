"""The reference: reads a statement, seals its payers, keeps its credits, lets them pay, all at once and by hand."""

import base64
import os
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from lxml import etree
from uuid_utils.compat import uuid7

from benchmarks.reference import Pool, serve
from benchmarks.statement.file import IBAN, NAMESPACE, TENANT

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
LARGEST = 2**24
AT = f"{{{NAMESPACE}}}"
NAME, TEXT = (
    "/".join(AT + step for step in path.split("/"))
    for path in ("NtryDtls/TxDtls/RltdPties/Dbtr/Nm", "NtryDtls/TxDtls/RmtInf/Ustrd")
)
RECEIPTS = (
    *("tenant", "id", "statement_id", "position", "iban", "entry_hash", "amount", "currency", "booked_on", "order_id"),
    *("payer", "place"),
)
MEANT = """
select reference, id
from orders
where tenant = $1
  and reference = any($2::text[])
"""
PAY = """
update units
set covered_by = paid.receipt_id
from unnest($2::uuid[], $3::uuid[]) as paid (order_id, receipt_id)
where units.tenant = $1
  and units.order_id = paid.order_id
  and covered_by is null
"""


def add_routes(app: web.Application, pool: Pool) -> None:
    """Add the one path."""
    key = X25519PublicKey.from_public_bytes(base64.b64decode(os.environ["RECORDS_KEY"]))

    async def keep(request: web.Request) -> web.Response:
        entries = read(await request.read(), key)
        async with pool.acquire() as connection, connection.transaction():
            found = await connection.fetch(MEANT, TENANT, [text for _, _, _, text, _ in entries])
            meant = {row["reference"]: row["id"] for row in found}
            statement_id, paid = uuid7(), list[tuple[UUID, UUID]]()
            rows: list[tuple[Any, ...]] = []
            for at, (mark, amount, day, text, payer) in enumerate(entries):
                receipt, order = uuid7(), meant.get(text)
                if order is not None:
                    paid.append((order, receipt))
                place = f"entry {at + 1}"
                facts = (TENANT, receipt, statement_id, at, IBAN, mark, amount, "EUR", day, order, payer, place)
                rows.append(facts)
            await connection.copy_records_to_table("receipts", columns=RECEIPTS, records=rows)
            await connection.execute(PAY, TENANT, [order for order, _ in paid], [receipt for _, receipt in paid])
        return web.json_response({"entries": len(entries), "matched": len(paid)})

    app.router.add_post("/statements", keep)


def read(content: bytes, key: X25519PublicKey) -> list[tuple[str, int, date, str, str]]:
    """Return each entry's mark, amount, day and text, and its sealed payer."""
    found: list[tuple[str, int, date, str, str]] = []
    for entry in etree.fromstring(content, etree.XMLParser(resolve_entities=False)).iter(f"{AT}Ntry"):
        text, euros = entry.findtext(TEXT, ""), entry.findtext(f"{AT}Amt", "").partition(".")
        payer = orjson.dumps({"name": entry.findtext(NAME), "iban": None, "text": text})
        box = base64.b64encode(SUITE.encrypt(payer, key, info=b"payer")).decode()
        day = date.fromisoformat(entry.findtext(f"{AT}BookgDt/{AT}Dt", ""))
        found.append((entry.findtext(f"{AT}AcctSvcrRef", ""), int(euros[0] + euros[2]), day, text, box))
    return found


if __name__ == "__main__":
    serve(add_routes)
