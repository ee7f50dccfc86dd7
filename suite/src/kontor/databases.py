"""A role and a database for each service, on a PostgreSQL server that somebody runs."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
from chassis.config import read_secret
from contracts.topics import SERVICES


async def prepare(url: str, password: str | None, passwords: Path, services: tuple[str, ...] = SERVICES) -> list[str]:
    """Make roles and databases that are missing, and set the roles' passwords; return in sentences what was done.

    `passwords` has a file of each service's name. A role is called as the service's package, its database too, and
    nobody else may connect to it. Raises OSError, asyncpg.PostgresError.
    """
    connection = await asyncpg.connect(url, password=password)
    try:
        roles = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        there = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        names = [name.replace("-", "_") for name in services]
        for service, name in zip(services, names, strict=True):
            verb = "alter" if name in roles else "create"
            secret = await connection.fetchval("select quote_literal($1)", read_secret(passwords / service))
            await connection.execute(f'{verb} role "{name}" login password {secret}')
            if name not in there:
                await connection.execute(f'create database "{name}" owner "{name}"')
            await connection.execute(f'revoke connect on database "{name}" from public')
    finally:
        await connection.close()
    return list(_told(names, roles, there))


def _told(names: list[str], roles: set[str], there: set[str]) -> Iterator[str]:
    yield f"{len(set(names) - roles)} roles made, all {len(names)} have their passwords"
    yield f"{len(set(names) - there)} databases made"
