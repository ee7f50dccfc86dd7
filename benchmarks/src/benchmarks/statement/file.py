"""A statement of a seller's account, and the orders that it pays for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
from payments.domain.references import reference_of
from uuid_utils.compat import uuid7

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
IBAN, SELLER, TENANT, EUROS = "DE89370400440532013000", "kontor", "kontor", "219.00"
ENTRY = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>'
    "<AcctSvcrRef>{mark}</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Max Mustermann</Nm></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)
ORDERS = (
    *("tenant", "id", "number", "customer_id", "language", "channel", "market", "seller_id", "payment_method"),
    *("currency", "gross", "ordered_at", "pay_until", "reference", "requested_at"),
)
PAID_EACH = 2  # every other entry pays an order, the others name none


@dataclass(frozen=True, slots=True)
class File:
    """A statement of so many entries, of which `matched` pay an order."""

    content: bytes
    entries: int
    matched: int


async def write(database: str, entries: int) -> File:
    """Store orders by transfer, as payments does, and return a new statement whose entries pay them."""
    ids = [uuid7() for _ in range(entries // PAID_EACH)]
    references = [reference_of(f"B-{order.hex[-15:]}", order) for order in ids]
    connection = await asyncpg.connect(database)
    try:
        await _store(connection, ids, references)
    finally:
        await connection.close()
    day = datetime.now(UTC).date().isoformat()
    lines: list[str] = []
    for at in range(entries):
        paid = at % PAID_EACH == 0 and at // PAID_EACH < len(ids)
        text, amount = (references[at // PAID_EACH], EUROS) if paid else (f"Danke {at}", "1.00")
        lines.append(ENTRY.format(amount=amount, day=day, mark=uuid4().hex, text=text))
    head = f"<Id>{uuid4().hex}</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    statement = f'<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><GrpHdr/><Stmt>{head}{"".join(lines)}</Stmt>'
    return File(f"{statement}</BkToCstmrStmt></Document>".encode(), entries, len(ids))


async def _store(connection: "asyncpg.Connection", ids: Sequence[UUID], references: Sequence[str]) -> None:
    now = datetime.now(UTC)
    facts = ("de", "direct", "DE", SELLER, "transfer", "EUR", 21900, now, now + timedelta(days=14))
    rows = [
        (TENANT, order, f"B-{order.hex[-15:]}", uuid4(), *facts, reference, now)
        for order, reference in zip(ids, references, strict=True)
    ]
    await connection.copy_records_to_table("orders", columns=ORDERS, records=rows)
    locks = [(TENANT, order) for order in ids]
    await connection.copy_records_to_table("order_locks", columns=("tenant", "order_id"), records=locks)
    units = [(TENANT, order, uuid7(), 1, 21900) for order in ids]
    columns = ("tenant", "order_id", "id", "position", "gross")
    await connection.copy_records_to_table("units", columns=columns, records=units)
