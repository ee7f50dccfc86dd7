"""A role and a database for each service, on a PostgreSQL server that somebody runs."""

from collections.abc import Iterator, Mapping, Set

import asyncpg


async def make_databases(url: str, password: str | None, secrets: Mapping[str, str]) -> list[str]:
    """Make roles and databases that are missing, and set the roles' passwords; return in sentences what was done.

    `secrets` has each role's password by its name, which its database has, too; nobody else may connect to it.
    Raises OSError, asyncpg.PostgresError.
    """
    connection = await asyncpg.connect(url, password=password)
    try:
        roles = {row["rolname"] for row in await connection.fetch("select rolname from pg_roles")}
        there = {row["datname"] for row in await connection.fetch("select datname from pg_database")}
        for name, secret in secrets.items():
            verb = "alter" if name in roles else "create"
            quoted = await connection.fetchval("select quote_literal($1)", secret)
            await connection.execute(f'{verb} role "{name}" login password {quoted}')
            if name not in there:
                await connection.execute(f'create database "{name}" owner "{name}"')
            await connection.execute(f'revoke connect on database "{name}" from public')
    finally:
        await connection.close()
    return list(_done(secrets.keys(), roles, there))


def _done(names: Set[str], roles: set[str], there: set[str]) -> Iterator[str]:
    yield f"{len(set(names) - roles)} roles made, all {len(names)} have their passwords"
    yield f"{len(set(names) - there)} databases made"
