"""Why a database does not let a service in, in a sentence, and what to do next."""

from urllib.parse import urlsplit

import asyncpg

from chassis.db.connections import DatabaseBusy

AWAY = "PostgreSQL cannot be reached."


def refusal(error: BaseException, dsn: str) -> tuple[str, str]:
    """Return what an error of connecting means, and the next step."""
    address = urlsplit(dsn)
    name, user = address.path.lstrip("/"), address.username or ""
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            text = f"PostgreSQL refuses the user {user}, or its password."
            secret = f"kontor-{user.replace('_', '-')}-database"
            step = (
                "Look at DATABASE_URL and DATABASE_PASSWORD_FILE, or give the role the password of that file: "
                f"alter role \"{user}\" password '...'; (with CloudNativePG it is in the Secret {secret}, and "
                "`kubectl exec -it kontor-postgres-1 -c postgres -- psql` takes the statement)"
            )
        case asyncpg.InvalidCatalogNameError():
            text, step = f"There is no database {name}.", f"Make it: create database {name} owner ...;"
        case asyncpg.InsufficientPrivilegeError():
            text, step = f"The user has no right to the database {name}.", "Let the user own its database."
        case asyncpg.TooManyConnectionsError() | DatabaseBusy():
            text = "PostgreSQL takes no more connections."
            step = "Raise max_connections, or lower DATABASE_CONNECTIONS times the number of replicas."
        case asyncpg.PostgresError():
            text, step = f"PostgreSQL refuses: {error}.", "Look at DATABASE_URL."
        case _:
            text = AWAY
            step = "Look at DATABASE_URL, whether PostgreSQL runs there, and whether the network lets us."
    return text, step
