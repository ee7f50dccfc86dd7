"""Staff look a customer up by blind indexes alone: nothing is opened."""

from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.people import CUSTOMER_ROLE
from accounts.store import customers, logins
from accounts.usecases.key_management import KeyManagement, email_hmac

MOST = 50


async def search(tx: Tx, tenant: str, email: str | None, name: str | None, kms: KeyManagement) -> list[UUID]:
    """Return the ids of customers with this e-mail address, or with all these words in their names, latest first."""
    found = await _found(tx, tenant, email, name, kms)
    tx.audit("search", "email" if email is not None else "name", after={"found": found})
    return found


async def _found(read: Read, tenant: str, email: str | None, name: str | None, kms: KeyManagement) -> list[UUID]:
    index = await kms.blind_index(read, tenant)
    if email is not None:
        login = await logins.by_email(read, tenant, email_hmac(index, email))
        return [login.subject_id] if login is not None and CUSTOMER_ROLE in login.roles else []
    word_hmacs = index.name(name or "")
    return await customers.by_name(read, tenant, word_hmacs, MOST) if word_hmacs else []
