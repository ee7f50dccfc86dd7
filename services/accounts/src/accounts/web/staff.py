"""What staff ask for: whose data are erased, and a customer's id by name or e-mail address."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, listing

from accounts.domain.people import ErasureUnknown
from accounts.store import erasures
from accounts.usecases import profiles, searching
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies, views

READERS = ("support", "reviewer")
PURPOSE = "support"

routes = Routes()


@routes.get("/erasures", allow=READERS)
async def list_erasures(read: Read, caller: Caller, page: Page) -> Listing[views.ErasureView]:
    """List erasures, newest first, and who has confirmed which key (ORD-2)."""
    found = await erasures.newest(read, caller.tenant, page.after(tuple[datetime, UUID]), page.limit + 1)
    return listing(
        found, page, lambda one: (one.erased_at, one.customer_id), lambda one: views.erasure_view(one, read.now)
    )


@routes.get("/erasures/{customer}", allow=READERS)
async def view_erasure(read: Read, caller: Caller, customer: UUID) -> views.ErasureView:
    """Show the erasure of one customer."""
    erasure = await erasures.find(read, caller.tenant, customer)
    if erasure is None:
        raise ErasureUnknown
    return views.erasure_view(erasure, read.now)


@routes.get("/customers/{customer}/name", allow="support")
async def customer_name(tx: Tx, caller: Caller, customer: UUID, kms: KeyManagement) -> views.NameView:
    """What a customer is called, and their e-mail address; each reading is recorded."""
    found = await profiles.of_customer(tx, caller.tenant, customer, kms)
    tx.audit_reading("customer", [customer], PURPOSE)
    return views.NameView(customer=customer, name=found.name, email=found.email)


@routes.post("/customer-search", allow="support")
async def search(tx: Tx, caller: Caller, body: bodies.Search, kms: KeyManagement) -> Listing[views.FoundView]:
    """Find the ids of customers and orders by an e-mail address, or by all words of a name or company; nothing else.

    Names are those of accounts and of invoices, companies those of the checkout, whose words count as wholes: in
    whatever capitals, with or without umlauts and legal forms.
    """
    sought = searching.Sought(body.email, body.name, body.company)
    found = await searching.search(tx, caller.tenant, sought, kms)
    return Listing(items=[views.FoundView(customer=one.customer_id, orders=list(one.order_ids)) for one in found])
