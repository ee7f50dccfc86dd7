"""What staff ask for: whose data are erased, and a customer's id by name or e-mail address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Listing, Page, Problem, Routes

from accounts.domain.people import ErasureUnknown
from accounts.store import erasures
from accounts.usecases import searching
from accounts.usecases.vault import Vault
from accounts.web import bodies, views

READERS = ("support", "reviewer")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, newest first, as an opaque cursor."""

    at: datetime
    customer: UUID

    def cursor(self) -> str:
        """The place as text."""
        return f"{self.at.isoformat().replace('+00:00', 'Z')}_{self.customer}"

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        """The place of a cursor."""
        at, _, customer = cursor.partition("_")
        try:
            place = cls(datetime.fromisoformat(at), UUID(customer))
        except ValueError:
            place = None
        if place is None or place.at.tzinfo is None:
            raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.")
        return place


def add(routes: Routes, vault: Vault) -> None:
    """The routes of staff."""

    @routes.get("/erasures", allow=READERS)
    async def list_erasures(tx: Tx, caller: Caller, page: Page) -> Listing[views.ErasureView]:
        """Erasures, newest first, and who has confirmed which key (ORD-2)."""
        after = Place.parse(page.cursor) if page.cursor else None
        found = await erasures.newest(tx, caller.tenant, (after.at, after.customer) if after else None, page.limit + 1)
        items = [views.erasure_view(erasure, tx.now) for erasure in found[: page.limit]]
        more = len(found) > page.limit
        return Listing(items=items, next=Place(items[-1].erased_at, items[-1].customer).cursor() if more else None)

    @routes.get("/erasures/{customer}", allow=READERS)
    async def view_erasure(tx: Tx, caller: Caller, customer: UUID) -> views.ErasureView:
        """The erasure of one customer."""
        found = await erasures.find(tx, caller.tenant, customer)
        if found is None:
            raise ErasureUnknown
        return views.erasure_view(found, tx.now)

    @routes.post("/customer-search", allow="support")
    async def search(tx: Tx, caller: Caller, body: bodies.Search) -> views.CustomersView:
        """The ids of customers with this e-mail address or these words in their names; nothing else of them."""
        if (body.email is None) == (body.name is None):
            raise Problem(422, "invalid", "Name either an e-mail address or words of a name.")
        found = await searching.search(tx, caller.tenant, body.email, body.name, vault)
        return views.CustomersView(customers=found)
