"""Staff look a customer up by blind indexes alone: nothing is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.people import CUSTOMER_ROLE
from accounts.store import customers, logins, order_words
from accounts.usecases.key_management import KeyManagement, email_hmac

MOST = 50
ORDERS = 10


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody looks for: by an e-mail address, or by words of a name, of a company, or of either."""

    email: str | None
    name: str | None
    company: str | None

    @property
    def by(self) -> str:
        """By what, for the audit log."""
        given = {"email": self.email, "name": self.name, "company": self.company}
        return " ".join(what for what, text in given.items() if text is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """A customer, and the latest orders that bear the words, where it is they that do."""

    customer_id: UUID
    order_ids: Sequence[UUID] = ()


async def search(tx: Tx, tenant: str, sought: Sought, kms: KeyManagement) -> list[Found]:
    """Return the customers with this address, or with all words of one kind on an order or in their name."""
    found = (await _found(tx, tenant, sought, kms))[:MOST]
    tx.audit("search", sought.by, after={"found": [one.customer_id for one in found]})
    return found


async def _found(read: Read, tenant: str, sought: Sought, kms: KeyManagement) -> list[Found]:
    index = await kms.blind_index(read, tenant)
    if sought.email is not None:
        login = await logins.by_email(read, tenant, email_hmac(index, sought.email))
        return [Found(login.subject_id)] if login is not None and CUSTOMER_ROLE in login.roles else []
    orders: dict[UUID, list[UUID]] = {}
    for words in (index.company(sought.company or ""), index.billed_name(sought.name or "")):
        for customer, order_ids in (await order_words.find(read, tenant, words, MOST, ORDERS)).items() if words else ():
            orders[customer] = sorted({*orders.get(customer, ()), *order_ids}, reverse=True)[:ORDERS]
    words = index.name(sought.name or "")
    named = await customers.by_name(read, tenant, words, MOST) if words else []
    by_order = sorted(orders.items(), key=lambda one: one[1][0], reverse=True)
    found = [Found(customer, order_ids) for customer, order_ids in by_order]
    return [*found, *(Found(customer) for customer in named if customer not in orders)]
