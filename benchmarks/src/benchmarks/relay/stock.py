"""Buyers and sellers who may write to each other, as the events of other services say it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis_testing.accounts import KeyServer
from contracts.accounts import RecordsKey, TenantOpened
from contracts.orders import OrderPlaced
from uuid_utils.compat import uuid7

from benchmarks.publishing import publish

DOMAIN, TENANT = "mail.shop.example", "bench"


async def converse(kafka: str, prefix: str, database: str, accounts: KeyServer, count: int) -> list[tuple[str, str]]:
    """Let so many customers order; return their addresses, each with the one under which its seller is written to."""
    now = datetime.now(UTC)
    opened = TenantOpened.model_validate({**TenantOpened.EXAMPLE, "tenant": TENANT})
    key = RecordsKey(year=now.year, records=accounts.new_key())
    seller = opened.sellers[0].model_copy(update={"email": "sales@seller.example", "records_keys": [key]})
    people = {uuid7(): f"buyer{number}@buyer.example" for number in range(count)}
    await publish(kafka, prefix, opened.model_copy(update={"sellers": [seller]}))
    await publish(kafka, prefix, *(_placed(accounts, order, email, now) for order, email in people.items()))
    connection = await asyncpg.connect(database)
    try:
        while len(rows := await connection.fetch(ORDERS)) < count:  # noqa: ASYNC110 -- the relay is another program
            await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return [(people[row["order_id"]], f"{row['local_part']}@{DOMAIN}") for row in rows]


ORDERS = """
select c.order_id, a.local_part
from conversations c
join aliases a on a.tenant = c.tenant and a.conversation_id = c.id and a.side = 'seller' and not a.desk
"""


def _placed(accounts: KeyServer, order: UUID, email: str, now: datetime) -> OrderPlaced:
    claims = accounts.person_claims("Erika Musterfrau", email)
    boxes = {name: claims[name] for name in ("name_profile", "email_profile", "name_contact", "email_contact")}
    facts: dict[str, Any] = {
        **OrderPlaced.EXAMPLE,
        **boxes,
        "tenant": TENANT,
        "customer": uuid7(),
        "order": order,
        "order_number": f"K-2026-{order.hex[-6:]}",
        "ordered_at": now,
        "keys": claims["keys"],
    }
    return OrderPlaced.model_validate(facts)
