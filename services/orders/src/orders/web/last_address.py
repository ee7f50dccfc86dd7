"""The address of a customer's last order, to be proposed at the next one."""

from typing import Any, Final
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller, KeyRings
from chassis.web import Routes, View

from orders.store import last_addresses
from orders.web import views
from orders.web.access import CUSTOMER, acts_for

LAST_ADDRESS = "last address"

routes: Final = Routes()


class LastAddressView(View):
    """An address as it was typed; null where there is none, or it cannot be opened any more."""

    address: Any


@routes.get("/me/last-address", allow=CUSTOMER)
async def last_address(read: Read, caller: Caller, keys: KeyRings) -> LastAddressView:
    """Show the address of the caller's own last order: for the organisation that they act for, or for themself.

    Nobody else can ask for it, not an owner of the organisation either; accounts records that it was opened.
    """
    acting = acts_for(caller)
    organisation = None if acting is None else acting.organisation
    box = await last_addresses.find(read, caller.tenant, UUID(caller.subject), organisation)
    if box is None:
        return LastAddressView(address=None)
    return LastAddressView(address=views.parsed((await keys.ring(LAST_ADDRESS).unlock([box])).open(box)))
