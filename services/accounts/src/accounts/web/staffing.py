"""The routes of administrators: who works for the tenant, inviting, removing, and lost second factors."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity import Caller
from chassis.web import Listing, Routes, View
from pydantic import Field

from accounts.domain.authorization import Workcenter
from accounts.domain.tokens import INVITATION_LIFETIME
from accounts.usecases import administering
from accounts.usecases.inviting_staff import Letter
from accounts.usecases.key_management import KeyManagement
from accounts.web import bodies
from accounts.web.attempts import Attempts, accepted
from accounts.web.limits import SignInRate

ADMINISTRATOR: Final = "administrator"
REVIEWER: Final = "reviewer"
Role = Literal["sales", "files", "bookkeeping", "support", "reviewer", "operator", "administrator"]
routes = Routes()


class Invite(bodies.Reauthentication):
    """Whom to invite, as what; and one's own password, with a code where there is a second factor.

    Neither is needed within 5 minutes after signing in, here and below.
    """

    email: bodies.Email
    name: bodies.Name
    roles: Annotated[list[Role], Field(min_length=1, max_length=7)]
    language: Literal["de", "en"] = "de"


class InviteAgain(bodies.Reauthentication):
    """In which language another invitation is written."""

    language: Literal["de", "en"] = "de"


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


class NamedView(View):
    """A member of staff, and what they are called; null where their key is destroyed."""

    member: UUID
    name: str | None


class InvitedView(View):
    """An invitation is on its way to their mailbox; it counts once, until it expires, and those before no more.

    `passkeys` of theirs go on to sign in, where they have worked here before.
    """

    new: bool
    expires_at: datetime
    passkeys: int


class MailedView(View):
    """Until when the invitation counts that was mailed."""

    expires_at: datetime


class ResetView(View):
    """Whether there was a second factor or a passkey to remove."""

    removed: bool


@routes.get("/staff", allow=ADMINISTRATOR)
async def list_staff(tx: Tx, caller: Caller, kms: KeyManagement) -> Listing[MemberView]:
    """Who works for the tenant; that their names and addresses are read is recorded."""
    found = await administering.everybody(tx, caller.tenant, kms)
    return Listing(items=[_member(one) for one in found])


@routes.get("/staff/names", allow=REVIEWER)
async def staff_names(tx: Tx, caller: Caller, kms: KeyManagement) -> Listing[NamedView]:
    """What those are called who work for the tenant, for reviewers of what they did; the reading is recorded."""
    found = await administering.names(tx, caller.tenant, kms)
    return Listing(items=[NamedView(member=one.member.id, name=one.name) for one in found])


@routes.post("/staff", allow=ADMINISTRATOR, limit=SignInRate)
async def invite_staff(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    body: Invite,
    attempts: Attempts,
    kms: KeyManagement,
    workcenter: Workcenter,
) -> InvitedView:
    """Invite somebody to work for the tenant, or set the name and roles of one who does and invite them anew.

    The invitation is mailed to them, and shown to nobody else.
    """
    letter = Letter(body.language, workcenter.invitation_page(caller.tenant))
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await administering.invite(tx, attempt, body.code, (body.email, body.name), body.roles, letter, kms)
        now = tx.now
    added = accepted(result)
    return InvitedView(
        new=added.new,
        expires_at=now + INVITATION_LIFETIME,
        passkeys=added.passkeys,
    )


@routes.post("/staff/{member}/invitation", allow=ADMINISTRATOR, limit=SignInRate)
async def invite_staff_again(
    begin: Begin,
    caller: Caller,
    request: web.Request,
    member: UUID,
    body: InviteAgain,
    attempts: Attempts,
    kms: KeyManagement,
    workcenter: Workcenter,
) -> MailedView:
    """Mail another invitation to somebody who works here; those before count no more."""
    letter = Letter(body.language, workcenter.invitation_page(caller.tenant))
    attempt = await attempts.to_prove(begin, request, caller, body.password)
    async with begin() as tx:
        result = await administering.invite_again(tx, attempt, body.code, member, letter, kms)
    return MailedView(expires_at=accepted(result))


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
