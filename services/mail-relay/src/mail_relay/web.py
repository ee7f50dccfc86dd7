"""The door for HTTP: what became of an order's e-mails."""

from datetime import datetime
from uuid import UUID

from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.identity.keyrings import KeyRings
from chassis.web import Listing, Page, Problem, Routes, View, not_found
from contracts.event import Sealed

from mail_relay.domain.sending import EmailUnknown, NotRetryable
from mail_relay.store import listing, orders
from mail_relay.usecases import sending

READERS = ("support", "sales")


class EmailView(View):
    """An e-mail and what became of it; `code` and `answer` are the server's, `units` those it delivered."""

    email: UUID
    order: UUID
    kind: str
    state: str
    message_id: str
    recorded_at: datetime
    settled_at: datetime | None
    next_attempt_at: datetime | None
    attempts: int
    code: int | None
    answer: str | None
    units: list[UUID]


class LetterView(View):
    """What was sent, header and text; `letter` is null once the key of that year's records is destroyed."""

    email: UUID
    letter: str | None


class EmailsView(View):
    """All e-mails of an order in the sequence in which they were recorded."""

    items: list[EmailView]


def routes(keys: KeyRings) -> Routes:
    """What mail-relay answers."""
    routes = Routes({EmailUnknown: 404, NotRetryable: 409})

    @routes.get("/orders/{order_id}/emails", allow=READERS)
    async def emails_of_order(tx: Tx, caller: Caller, order_id: UUID) -> EmailsView:
        """The e-mails of an order: which, when, and what the mail server said."""
        if not await orders.known(tx, caller.tenant, order_id):
            raise not_found()
        return EmailsView(items=[_view(email) for email in await listing.of_order(tx, caller.tenant, order_id)])

    @routes.get("/bounced-emails", allow=READERS)
    async def bounced_emails(tx: Tx, caller: Caller, page: Page) -> Listing[EmailView]:
        """E-mails that were refused for good, newest first: somebody should look after their customers."""
        after = _place(page.cursor) if page.cursor else None
        found = await listing.bounced(tx, caller.tenant, after, page.limit + 1)
        shown = found[: page.limit]
        more = f"{shown[-1].settled_at}_{shown[-1].email}" if len(found) > page.limit else None
        return Listing(items=[_view(email) for email in shown], next=more)

    @routes.post("/emails/{email}/retry", allow="support")
    async def retry(tx: Tx, caller: Caller, email: UUID) -> EmailView:
        """Send a bounced e-mail after all, with the Message-ID it had."""
        await sending.retry(tx, caller.tenant, email)
        found = await listing.find(tx, caller.tenant, email)
        if found is None:
            raise EmailUnknown
        return _view(found)

    @routes.get("/emails/{email}/letter", allow="bookkeeping")
    async def letter(begin: Begin, caller: Caller, email: UUID) -> LetterView:
        """A sent letter as it is kept, links and keys masked; every reading is recorded (FEATURES part 2)."""
        async with begin() as tx:
            kept = await listing.letter(tx, caller.tenant, email, caller.subject)
        if kept is None:
            raise not_found()
        box = Sealed.parse(kept)
        opened = (await keys.ring("archive").unlock([box])).open(box)
        return LetterView(email=email, letter=opened if isinstance(opened, str) else None)

    return routes


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, _, email = cursor.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(email)
    except ValueError:
        raise Problem(400, "bad-cursor", "Take the cursor from the list's `next`.") from None


def _view(email: listing.Email) -> EmailView:
    open_ = email.state in ("waiting", "sending")
    return EmailView(
        email=email.email,
        order=email.order,
        kind=email.kind,
        state=email.state,
        message_id=email.message_id,
        recorded_at=email.created_at,
        settled_at=email.settled_at,
        next_attempt_at=email.send_at if open_ else None,
        attempts=email.attempts,
        code=email.code,
        answer=email.answer,
        units=email.units,
    )
