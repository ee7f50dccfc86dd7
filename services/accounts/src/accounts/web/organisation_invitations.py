"""Invitations to be a member of an organisation: made and taken back by owners, accepted by whoever was mailed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Routes, View
from pydantic import Field

from accounts.domain.organisation import InvitationUnknown, Role
from accounts.domain.people import CUSTOMER_ROLE
from accounts.usecases import inviting
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies
from accounts.web.attempts import FRESH
from accounts.web.limits import SignInRate

routes = Routes()


class InviteMember(Body):
    """Whom to invite, as what."""

    email: bodies.Email
    role: Role


class InvitationCode(Body):
    """The code of the letter."""

    code: Annotated[str, Field(min_length=1, max_length=64, repr=False)]


class InvitationView(View):
    """An invitation that counts until `expires_at`, and once."""

    invitation: UUID
    email: str
    role: Role
    invited_at: datetime
    expires_at: datetime


class OfferView(View):
    """What one is invited to, and by whom; null where they have gone meanwhile."""

    organisation: UUID
    name: str
    role: Role
    invited_by: str | None
    expires_at: datetime


class JoinedView(View):
    """The organisation of which the caller is a member now."""

    organisation: UUID


@routes.get("/organisations/{organisation}/invitations", allow=CUSTOMER_ROLE)
async def list_member_invitations(
    read: Read, caller: Caller, organisation: UUID, kms: KeyManagement
) -> Listing[InvitationView]:
    """List an organisation's invitations that count, for its owners."""
    found = await inviting.open_of(read, caller.tenant, UUID(caller.subject), organisation, kms)
    return Listing(items=[_view(one) for one in found])


@routes.get("/organisations/{organisation}/invitations/{invitation}", allow=CUSTOMER_ROLE)
async def view_member_invitation(
    read: Read, caller: Caller, organisation: UUID, invitation: UUID, kms: KeyManagement
) -> InvitationView:
    """Show an invitation that counts to an owner."""
    for one in await inviting.open_of(read, caller.tenant, UUID(caller.subject), organisation, kms):
        if one.invitation.id == invitation:
            return _view(one)
    raise InvitationUnknown


@routes.post(
    "/organisations/{organisation}/invitations",
    allow=CUSTOMER_ROLE,
    creates=view_member_invitation,
    limit=SignInRate,
    fresh=FRESH,
)
async def invite_member(
    tx: Tx, caller: Caller, organisation: UUID, body: InviteMember, kms: KeyManagement
) -> dict[str, UUID]:
    """Let an owner invite whoever reads letters to an address; an earlier invitation to it counts no more.

    A customer with this address is mailed a code, anybody else once they have confirmed it here. The answer is the
    same for both.
    """
    wanted = inviting.Wanted(body.email, body.role)
    made = await inviting.invite(tx, caller.tenant, UUID(caller.subject), organisation, wanted, kms)
    return {"organisation": organisation, "invitation": made}


@routes.delete("/organisations/{organisation}/invitations/{invitation}", allow=CUSTOMER_ROLE)
async def withdraw_member_invitation(tx: Tx, caller: Caller, organisation: UUID, invitation: UUID) -> None:
    """Let an owner take an invitation back."""
    await inviting.withdraw(tx, caller.tenant, UUID(caller.subject), organisation, invitation)


@routes.post("/me/organisation-invitation", allow=CUSTOMER_ROLE, limit=SignInRate)
async def read_invitation(read: Read, caller: Caller, body: InvitationCode, kms: KeyManagement) -> OfferView:
    """Show what a code invites the caller to; it counts for whoever has confirmed the address it was mailed to."""
    offer = await inviting.offered(read, caller.tenant, UUID(caller.subject), body.code, kms)
    return OfferView(
        organisation=offer.organisation,
        name=offer.name,
        role=offer.role,
        invited_by=offer.invited_by,
        expires_at=offer.invitation.expires_at,
    )


@routes.post("/me/organisation-invitation/acceptance", allow=CUSTOMER_ROLE, limit=SignInRate)
async def accept_invitation(tx: Tx, caller: Caller, body: InvitationCode) -> JoinedView:
    """Be a member by the code that was mailed to the caller's address, once."""
    joined = await inviting.accept(tx, caller.tenant, UUID(caller.subject), body.code)
    return JoinedView(organisation=joined)


def _view(shown: inviting.Shown) -> InvitationView:
    one = shown.invitation
    return InvitationView(
        invitation=one.id, email=shown.email, role=one.role, invited_at=one.invited_at, expires_at=one.expires_at
    )
