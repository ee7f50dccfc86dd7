"""The door for HTTP: what became of an order's e-mails."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Begin, Read, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Listing, Page, Routes, View, listing, not_found
from contracts.event import Sealed

from letters.domain.email import Email, State
from letters.domain.notification import About
from letters.domain.sending import EmailUnknown, NotRetryable
from letters.store import emails, notifications, orders
from letters.usecases import sending

READERS = ("support", "sales")
ARCHIVE = "archive"
ROUTES = Routes(errors={EmailUnknown: 404, NotRetryable: 409})


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


class NotificationView(View):
    """A letter that belongs to no order and could not be sent; `code` and `answer` are the server's last.

    `subject` is the redemption or change of address that it is about.
    """

    notification: UUID
    about: About
    subject: UUID
    message_id: str
    written_at: datetime
    settled_at: datetime
    code: int | None
    answer: str | None


class LetterView(View):
    """What was sent, header and text; `letter` is null once the key of that year's records is destroyed."""

    email: UUID
    letter: str | None


@ROUTES.get("/orders/{order}/emails", allow=(*READERS, "bookkeeping"))
async def emails_of_order(read: Read, caller: Caller, order: UUID) -> Listing[EmailView]:
    """The e-mails of an order: which, when, and what the mail server said."""
    known = await orders.load(read, [(caller.tenant, order)])
    if not known:
        raise not_found()
    return Listing(items=[_view(email) for email in known[0].emails])


@ROUTES.get("/bounced-emails", allow=READERS)
async def bounced_emails(read: Read, caller: Caller, page: Page) -> Listing[EmailView]:
    """E-mails that were refused for good, newest first: somebody should look after their customers."""
    rows = await emails.bounced(read, caller.tenant, page.after(tuple[datetime, UUID]), page.limit + 1)
    return listing(rows, page, lambda email: (email.settled_at, email.id), _view)


@ROUTES.get("/bounced-notifications", allow=READERS)
async def bounced_notifications(read: Read, caller: Caller, page: Page) -> Listing[NotificationView]:
    """Notifications that were refused for good, or until they say nothing any more, newest first.

    Those about rewards are sent again when their customer confirms another address, and leave the list.
    """
    rows = await notifications.bounced(read, caller.tenant, page.after(tuple[datetime, UUID]), page.limit + 1)
    return listing(rows, page, lambda row: (row["settled_at"], row["notification"]), _notification)


@ROUTES.post("/emails/{email}/retry", allow="support")
async def retry(tx: Tx, caller: Caller, email: UUID) -> EmailView:
    """Send a bounced e-mail after all, with the Message-ID it had."""
    await sending.retry(tx, caller.tenant, email)
    revived = await emails.find(tx, caller.tenant, email)
    if revived is None:
        raise EmailUnknown
    return _view(revived)


@ROUTES.get("/emails/{email}/letter", allow=("bookkeeping", "support"))
async def letter(begin: Begin, caller: Caller, email: UUID, keys: KeyRings) -> LetterView:
    """A sent letter as it is kept, links and keys masked; every reading is recorded (FEATURES part 2)."""
    async with begin() as tx:
        sealed_copy = await emails.sealed_copy(tx, caller.tenant, email)
        known = await emails.find(tx, caller.tenant, email)
        if sealed_copy is None or known is None:
            raise not_found()
        tx.audit_reading("email", [email], ARCHIVE, of={"order": known.order_id})
    box = Sealed.parse(sealed_copy)
    opened = (await keys.ring(ARCHIVE).unlock([box])).open(box)
    return LetterView(email=email, letter=opened if isinstance(opened, str) else None)


def _notification(row: dict[str, Any]) -> NotificationView:
    return NotificationView(**row)


def _view(email: Email) -> EmailView:
    return EmailView(
        email=email.id,
        order=email.order_id,
        kind=email.kind,
        state=email.state,
        message_id=email.message_id,
        recorded_at=email.created_at,
        settled_at=email.settled_at,
        next_attempt_at=email.send_at if email.state in (State.WAITING, State.SENDING) else None,
        attempts=email.attempts,
        code=email.code,
        answer=email.answer,
        units=list(email.unit_ids),
    )
