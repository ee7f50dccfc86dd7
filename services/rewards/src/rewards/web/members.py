"""The routes of members: taking part, and what they have earned."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import Caller
from chassis.web import Listing, Page, Routes, listing
from contracts.accounts import CustomerClaims

from rewards.domain.membership import NotEnrolled
from rewards.domain.programme import Terms
from rewards.store import customers, ledger, meetings
from rewards.usecases import membership
from rewards.web import bodies, views

CUSTOMER = "customer"
routes = Routes()


@routes.get("/members/me", allow=CUSTOMER)
async def view_member(read: Read, caller: Caller) -> views.MemberView:
    """My membership, balance and usage (L8)."""
    tenant, me = caller.tenant, UUID(caller.subject)
    customer, enrolments = await customers.find(read, tenant, me), await customers.enrolments(read, tenant, me)
    if customer is None or not enrolments:
        raise NotEnrolled
    last = enrolments[-1]
    return views.MemberView(
        member=customer.member_id,
        balance=await ledger.balance(read, tenant, customer.member_id),
        enrolled_at=last.enrolled_at,
        left_at=last.left_at,
        market=last.market,
        language=last.language,
        time_zone=last.time_zone,
        usage=views.UsageView.model_validate(await meetings.usage(read, tenant, me)),
    )


@routes.post("/members", allow=CUSTOMER, creates=view_member)
async def enrol(tx: Tx, caller: Caller, body: bodies.Enrol, terms: Terms) -> UUID:
    """Take part in the programme from now on; usage before earns nothing (REW-1)."""
    claims = CustomerClaims.model_validate(caller.claims)
    language = body.language or ("en" if claims.language == "en" else "de")
    me, contact = UUID(caller.subject), claims.keys.contact
    return await membership.enrol(tx, caller.tenant, me, contact, body.market, language, body.time_zone, terms)


@routes.delete("/members/me", allow=CUSTOMER)
async def leave(tx: Tx, caller: Caller, terms: Terms) -> views.MemberView:
    """Leave the programme: nothing more is earned, points can still be spent."""
    member = await view_member(tx, caller)
    if member.left_at is None:
        await membership.leave(tx, caller.tenant, UUID(caller.subject), terms)
    return await view_member(tx, caller)


@routes.get("/members/me/postings", allow=CUSTOMER)
async def list_postings(read: Read, caller: Caller, page: Page) -> Listing[views.PostingView]:
    """Every change of my balance, newest first, with its arithmetic (REW-11)."""
    after = page.after(tuple[bodies.Position])
    customer = await customers.find(read, caller.tenant, UUID(caller.subject))
    if customer is None:
        return Listing(items=[])
    before = after[0] if after else None
    rows = await ledger.newest(read, caller.tenant, customer.member_id, before, page.limit + 1)
    return listing(rows, page, lambda row: (row["position"],), views.PostingView.model_validate)


@routes.get("/members/me/meetings", allow=CUSTOMER)
async def list_meetings(read: Read, caller: Caller, page: Page) -> Listing[views.MeetingView]:
    """The meetings I held, newest first, and what became of each (L8)."""
    after = page.after(tuple[datetime, UUID])
    rows = await meetings.newest(read, caller.tenant, UUID(caller.subject), after, page.limit + 1)
    return listing(rows, page, lambda row: (row["started_at"], row["meeting"]), views.MeetingView.model_validate)
