"""Routes of members: taking part, and what they have earned."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity.tokens import Caller
from chassis.web import Listing, Page, Routes
from contracts.accounts import CustomerClaims

from rewards.domain.membership import NotEnrolled
from rewards.store import customers, ledger, meetings
from rewards.usecases import membership
from rewards.web import bodies, places, views

CUSTOMER = "customer"


def add(routes: Routes, default_market: str, *, within_balance: bool) -> None:
    """What members ask for."""

    @routes.get("/members/me", allow=CUSTOMER)
    async def view_member(tx: Tx, caller: Caller) -> views.MemberView:
        """My membership, balance and usage (L8)."""
        tenant, me = caller.tenant, UUID(caller.subject)
        known, enrolments = await customers.find(tx, tenant, me), await customers.enrolments(tx, tenant, me)
        if known is None or not enrolments:
            raise NotEnrolled
        held, rewarded = await meetings.usage(tx, tenant, me)
        last = enrolments[-1]
        return views.MemberView(
            member=known.member,
            balance=await ledger.balance(tx, tenant, known.member),
            enrolled_at=last.enrolled_at,
            left_at=last.left_at,
            market=last.market,
            language=last.language,
            time_zone=last.time_zone,
            usage=views.UsageView(held=held, rewarded=rewarded),
        )

    @routes.post("/members", allow=CUSTOMER, creates=view_member)
    async def enrol(tx: Tx, caller: Caller, body: bodies.Enrol) -> UUID:
        """Take part in the programme from now on; usage before earns nothing (REW-1)."""
        claims = CustomerClaims.model_validate(caller.claims)
        language = body.language or ("en" if claims.language == "en" else "de")
        return await membership.enrol(
            tx,
            caller.tenant,
            UUID(caller.subject),
            claims.keys.contact,
            body.market or default_market,
            language,
            body.time_zone,
            within_balance=within_balance,
        )

    @routes.delete("/members/me", allow=CUSTOMER)
    async def leave(tx: Tx, caller: Caller) -> views.MemberView:
        """Leave the programme: nothing more is earned, points can still be spent."""
        member = await view_member(tx, caller)
        if member.left_at is None:
            await membership.leave(tx, caller.tenant, UUID(caller.subject), within_balance=within_balance)
        return await view_member(tx, caller)

    @routes.get("/members/me/postings", allow=CUSTOMER)
    async def list_postings(tx: Tx, caller: Caller, page: Page) -> Listing[views.PostingView]:
        """Every change of my balance, newest first, with its arithmetic (REW-11)."""
        known = await customers.find(tx, caller.tenant, UUID(caller.subject))
        if known is None:
            return Listing(items=[])
        rows = await ledger.newest(tx, caller.tenant, known.member, places.number(page.cursor), page.limit + 1)
        items = [views.PostingView.model_validate(row) for row in rows[: page.limit]]
        more = len(rows) > page.limit
        return Listing(items=items, next=str(rows[page.limit - 1]["place"]) if more else None)

    @routes.get("/members/me/meetings", allow=CUSTOMER)
    async def list_meetings(tx: Tx, caller: Caller, page: Page) -> Listing[views.MeetingView]:
        """The meetings I held, newest first, and what became of each (L8)."""
        after = places.moment(page.cursor)
        rows = await meetings.newest(tx, caller.tenant, UUID(caller.subject), after, page.limit + 1)
        items = [views.MeetingView.model_validate(row) for row in rows[: page.limit]]
        more = len(rows) > page.limit
        return Listing(
            items=items, next=places.moment_cursor(items[-1].started_at, items[-1].meeting) if more else None
        )
