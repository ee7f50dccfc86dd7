"""Staff look a customer up, by marks alone: nothing is opened."""

from uuid import UUID

from chassis.db import Tx

from accounts.domain.people import CUSTOMER_ROLE
from accounts.store import customers, logins
from accounts.usecases.vault import Vault

MOST = 50


async def search(tx: Tx, tenant: str, email: str | None, name: str | None, vault: Vault) -> list[UUID]:
    """The ids of customers with this e-mail address, or with all these words in their names, the latest first."""
    index = await vault.index(tx, tenant)
    if email is not None:
        login = await logins.by_email(tx, tenant, index.email(email))
        return [login.subject] if login is not None and CUSTOMER_ROLE in login.roles else []
    marks = index.name(name or "")
    return await customers.by_name(tx, tenant, marks, MOST) if marks else []
