"""Organisations that buy with several people: what they are called, who is of them, and for whom one acts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Body, Listing, Routes, View
from pydantic import Field

from accounts.domain.organisation import Role
from accounts.domain.people import CUSTOMER_ROLE
from accounts.usecases import acting, organisations
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.organisations import Readable
from accounts.web import bodies
from accounts.web.attempts import FRESH

routes = Routes()
VatId = Annotated[str, Field(min_length=4, max_length=20, pattern=r"^[A-Za-z0-9 .+*-]+$")]


class Named(Body):
    """What an organisation is called, and its VAT id, if it has one."""

    name: bodies.Name
    vat_id: Annotated[VatId | None, Field(repr=False)] = None


class RoleGiven(Body):
    """What a member is from now on."""

    role: Role


class ActingFor(Body):
    """For which organisation the session acts; null: for oneself."""

    organisation: UUID | None


class OrganisationSummary(View):
    """An organisation of the caller's, and what they are there."""

    organisation: UUID
    name: str
    vat_id: str | None
    role: Role


class OrganisationMemberView(View):
    """A member; owners alone see the e-mail address."""

    customer: UUID
    name: str
    email: str | None
    role: Role
    joined_at: datetime


class OrganisationView(OrganisationSummary):
    """An organisation and its members, those first who have been one for longest."""

    members: list[OrganisationMemberView]


@routes.get("/organisations", allow=CUSTOMER_ROLE)
async def list_organisations(read: Read, caller: Caller, kms: KeyManagement) -> Listing[OrganisationSummary]:
    """List the organisations of which the caller is, 20 at most."""
    found = await organisations.of_customer(read, caller.tenant, UUID(caller.subject), kms)
    return Listing(items=[OrganisationSummary(**_facts(one)) for one in found])


@routes.get("/organisations/{organisation}", allow=CUSTOMER_ROLE)
async def view_organisation(read: Read, caller: Caller, organisation: UUID, kms: KeyManagement) -> OrganisationView:
    """Show an organisation to one of its members."""
    found, members = await organisations.view(read, caller.tenant, UUID(caller.subject), organisation, kms)
    is_owner = found.role is Role.OWNER
    views = [
        OrganisationMemberView(
            customer=one.member.customer_id,
            name=one.name,
            email=one.email if is_owner else None,
            role=one.member.role,
            joined_at=one.member.joined_at,
        )
        for one in members
    ]
    return OrganisationView(**_facts(found), members=views)


@routes.post("/organisations", allow=CUSTOMER_ROLE, creates=view_organisation)
async def open_organisation(tx: Tx, caller: Caller, body: Named, kms: KeyManagement) -> UUID:
    """Open an organisation whose owner is the caller."""
    return await organisations.open_organisation(tx, caller.tenant, UUID(caller.subject), body.name, body.vat_id, kms)


@routes.put("/organisations/{organisation}", allow=CUSTOMER_ROLE)
async def rename_organisation(
    tx: Tx, caller: Caller, organisation: UUID, body: Named, kms: KeyManagement
) -> OrganisationView:
    """Let an owner give it another name and VAT id, for what is ordered from now on."""
    await organisations.rename(tx, caller.tenant, UUID(caller.subject), organisation, body.name, body.vat_id)
    return await view_organisation(tx, caller, organisation, kms)


@routes.delete("/organisations/{organisation}", allow=CUSTOMER_ROLE, fresh=FRESH)
async def end_organisation(tx: Tx, caller: Caller, organisation: UUID) -> None:
    """Let an owner end it: nobody is a member any more, and each keeps what they have ordered themself."""
    await organisations.end(tx, caller.tenant, UUID(caller.subject), organisation)


@routes.put("/organisations/{organisation}/members/{customer}", allow=CUSTOMER_ROLE, fresh=FRESH)
async def change_role(tx: Tx, caller: Caller, organisation: UUID, customer: UUID, body: RoleGiven) -> None:
    """Let an owner give a member another role; access tokens made before expire within 10 minutes."""
    await organisations.change_role(tx, caller.tenant, UUID(caller.subject), organisation, customer, body.role)


@routes.delete("/organisations/{organisation}/members/{customer}", allow=CUSTOMER_ROLE, fresh=FRESH)
async def remove_from_organisation(tx: Tx, caller: Caller, organisation: UUID, customer: UUID) -> None:
    """Let an owner remove a member, or a member leave; access tokens made before expire within 10 minutes."""
    await organisations.remove(tx, caller.tenant, UUID(caller.subject), organisation, customer)


@routes.put("/me/acting", allow=CUSTOMER_ROLE)
async def act_for(tx: Tx, caller: Caller, body: ActingFor) -> None:
    """Act for an organisation of one's own, or for oneself: the session's next access token says so."""
    session = UUID(caller.claims["sid"])
    await acting.act_for(tx, caller.tenant, UUID(caller.subject), session, body.organisation)


def _facts(found: Readable) -> dict[str, Any]:
    return {"organisation": found.id, "name": found.name, "vat_id": found.vat_id, "role": found.role}
