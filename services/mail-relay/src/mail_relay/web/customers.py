"""What partners see of a customer (MAIL-20)."""

from typing import Annotated
from uuid import UUID

from chassis.db import Begin
from chassis.identity import Caller, KeyRings
from chassis.web import Routes, View
from contracts.event import Sealed
from pydantic import Field

from mail_relay.domain.alias import Domains, Side
from mail_relay.domain.policy.handling import Ownership
from mail_relay.usecases import owning

CUSTOMERS = "customers"
PARTNERS = ("sales", "support")
Why = Annotated[str, Field(min_length=3, max_length=200)]
routes = Routes()


class CustomerView(View):
    """A customer by alias, in white label by name and address as well; these are null once the customer is erased."""

    conversation: UUID
    ownership: Ownership
    write_to: str
    name: str | None
    email: str | None


@routes.get("/conversations/{conversation}/customer", allow=PARTNERS)
async def view_customer(
    begin: Begin, caller: Caller, conversation: UUID, purpose: Why, keys: KeyRings, domains: Domains
) -> CustomerView:
    """The customer of a conversation as the tenant's policy lets partners see them; each reading is recorded."""
    async with begin() as tx:
        found, ownership = await owning.customer_of(tx, caller.tenant, conversation, CUSTOMERS, purpose)
    texts: list[str | None] = [None, None]
    if ownership is Ownership.WHITE_LABEL:
        boxes = [Sealed.parse(box) if box else None for box in (found.name_box, found.email_box)]
        opened = await keys.ring(CUSTOMERS).unlock([box for box in boxes if box])
        shown = [opened.open(box) if box else None for box in boxes]
        texts = [text if isinstance(text, str) else None for text in shown]
    write_to = domains.of(found.tenant).address(found.aliases[Side.BUYER])
    return CustomerView(conversation=found.id, ownership=ownership, write_to=write_to, name=texts[0], email=texts[1])
