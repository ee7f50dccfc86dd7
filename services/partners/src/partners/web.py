"""The door for HTTP: staff sees which partners read what."""

from datetime import datetime
from typing import Annotated, Final

from chassis.db import Read
from chassis.identity import Caller
from chassis.web import Listing, Routes, View
from pydantic import Field

from partners.domain.partner import ID, Partner, PartnerUnknown, State
from partners.store import partners

STAFF = ("sales", "support", "reviewer")
Id = Annotated[str, Field(pattern=ID)]
routes = Routes()


class PartnerView(View):
    """A partner and the channels whose events it is sent; `behind` while it is sent the past again."""

    partner: str
    channels: list[str]
    state: State
    since: datetime
    behind: bool


@routes.get("/partners", allow=STAFF)
async def list_partners(read: Read, caller: Caller) -> Listing[PartnerView]:
    """The tenant's partners."""
    return Listing(items=[_view(one) for one in await partners.list_of(read, caller.tenant)])


@routes.get("/partners/{partner}", allow=STAFF)
async def view_partner(read: Read, caller: Caller, partner: Id) -> PartnerView:
    """One of the tenant's partners."""
    found = await partners.find(read, partner)
    if found is None or found.tenant != caller.tenant:
        raise PartnerUnknown
    return _view(found)


ROUTES: Final = Routes(routes, errors={PartnerUnknown: 404})


def _view(partner: Partner) -> PartnerView:
    return PartnerView(
        partner=partner.id,
        channels=list(partner.channels),
        state=partner.state,
        since=partner.since,
        behind=partner.replayed is not None,
    )
