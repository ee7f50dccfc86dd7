"""What tests of sales share: buying, and searching tables, logs and e-mails."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from journeys.customer import Customer
from journeys.mailbox import Mail
from journeys.seller import Shop
from journeys.suite import until


async def buy(customer: Customer, skus: dict[str, int], **how: Any) -> dict[str, Any]:
    """Order as soon as orders knows the offers; return the answer."""

    async def sellable() -> dict[str, Any]:
        return await customer.order(skus, **how)

    return await until(sellable, "the order to be accepted")


async def assert_nowhere(shop: Shop, secrets: list[str]) -> None:
    """Assert that no table of any service holds one of these texts."""
    import asyncpg

    for service, url in shop.suite.state.databases.items():
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "select schemaname, tablename from pg_tables where schemaname in ('public', 'chassis')"
            )
            for schema, table in tables:
                rows = await connection.fetch(f'select t::text from "{schema}"."{table}" t')
                text = "\n".join(row[0] or "" for row in rows)
                assert not [secret for secret in secrets if secret in text], f"{service}.{table}"
        finally:
            await connection.close()


def links_and_ids(mails: list[Mail]) -> tuple[set[int], int]:
    """Return how many links the e-mails have, and how many different Message-IDs."""
    return {len(mail.links) for mail in mails}, len({mail.message_id for mail in mails})


def written(logs: Path) -> Iterator[tuple[Path, str]]:
    """Yield every log and span file and its text, but not those of the doubles of the outside world."""
    for file in logs.iterdir():
        if file.is_file() and not file.name.startswith(("mail-catcher", "provider")):
            yield file, file.read_text(errors="replace")
