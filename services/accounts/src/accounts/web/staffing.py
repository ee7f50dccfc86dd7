"""The routes of administrators: who works for the tenant, inviting, removing, and lost second factors."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes, View
from pydantic import Field

from accounts.domain.tokens import INVITATION_LIFETIME
from accounts.usecases import administering
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

ADMINISTRATOR: Final = "administrator"
Role = Literal["sales", "files", "bookkeeping", "support", "reviewer", "operator", "administrator"]
routes = Routes()


class Invite(bodies.Reauthentication):
    """Whom to invite, as what; and one's own password, with a code where there is a second factor.

    Neither is needed within 5 minutes after signing in, here and below.
    """

    email: bodies.Email
    name: bodies.Name
    roles: Annotated[list[Role], Field(min_length=1, max_length=7)]


class MemberView(View):
    """A member of staff; `seen_at` is when they last signed in or came again, null where that is long ago or never.

    `invited_until` is until when their invitation counts, null where there is none. Without a password of their own
    they have not accepted one yet.
    """

    member: UUID
    name: str | None
    email: str | None
    roles: list[str]
    added_at: datetime
    seen_at: datetime | None
    invited_until: datetime | None
    has_password: bool
    second_factor: bool
    passkeys: int


class InvitedView(View):
    """An invitation, shown this once, to be handed on; it counts once, until it expires.

    `passkeys` of theirs go on to sign in, where they have worked here before.
    """

    new: bool
    invitation: Annotated[str, Field(repr=False)]
    expires_at: datetime
    passkeys: int


class ResetView(View):
    """Whether there was a second factor or a passkey to remove."""

    removed: bool


@routes.get("/staff", allow=ADMINISTRATOR)
async def list_staff(tx: Tx, caller: Caller, kms: KeyManagement) -> Listing[MemberView]:
    """Who works for the tenant; that their names and addresses are read is recorded."""
    found = await administering.everybody(tx, caller.tenant, kms)
    return Listing(items=[_member(one) for one in found])


@routes.post("/staff", allow=ADMINISTRATOR, limit=SignInRate)
async def invite_staff(
    begin: Begin, caller: Caller, request: web.Request, body: Invite, attempts: Attempts, kms: KeyManagement
) -> InvitedView:
    """Invite somebody to work for the tenant, or set the name and roles of one who does and invite them anew."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await administering.invite(tx, attempt, body.code, (body.email, body.name), body.roles, kms)
        now = tx.now
    added = accepted(result)
    return InvitedView(
        new=added.new,
        invitation=added.invitation or "",
        expires_at=now + INVITATION_LIFETIME,
        passkeys=added.passkeys,
    )


@routes.post("/staff/{member}/removal", allow=ADMINISTRATOR, limit=SignInRate)
async def remove_staff(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    member: UUID,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> None:
    """Let somebody work for the tenant no more: their login, factors, passkeys and sessions end at once."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await administering.dismiss(tx, attempt, body.code, member, kms)
    accepted(result)


@routes.post("/staff/{member}/second-factor-reset", allow=ADMINISTRATOR, limit=SignInRate)
async def reset_factor(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    member: UUID,
    body: bodies.Reauthentication,
    attempts: Attempts,
    kms: KeyManagement,
) -> ResetView:
    """Remove the second factor and the passkeys of somebody who has lost them, and end their sessions."""
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await administering.reset(tx, attempt, body.code, member, kms)
    return ResetView(removed=accepted(result))


def _member(known: administering.Known) -> MemberView:
    member = known.member
    return MemberView(
        member=member.id,
        name=known.name,
        email=known.email,
        roles=sorted(member.roles),
        added_at=member.added_at,
        seen_at=member.seen_at,
        invited_until=member.invited_until,
        has_password=member.has_password,
        second_factor=member.second_factor,
        passkeys=member.passkeys,
    )
