"""Notifications: to new and former addresses, and of each step of a reward."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.jobs import Trigger
from contracts.accounts import (
    EmailChanged,
    EmailChangeRequested,
    EmailConfirmationRequested,
    EmailConsentRequested,
    OrganisationInvitationRequested,
    PasswordResetRequested,
    StaffInvited,
)
from contracts.event import Sealed
from contracts.invitations import GuestInvited
from contracts.passwords import PasswordChanged
from contracts.rewards import RewardFailed, RewardFulfilled, RewardKind, RewardRedeemed
from contracts.shipping import OrderShipped
from contracts.withdrawals import WithdrawalDeclared

from letters.domain.email import State
from letters.domain.notification import About, Notification, Row
from letters.domain.sending import FLOOD, Lease, LettersPerHour, Outcome, Sender
from letters.store import notifications
from letters.usecases.concluding import SEND

NOTIFY = Trigger("send notifications")
log = structlog.get_logger(__name__)


async def confirm(tx: Tx, asked: EmailConfirmationRequested, sender: Sender) -> None:
    """Mail the code to the address of somebody who has registered, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.CONFIRM, asked.confirmation, asked.language, asked.name, asked.email)
        more = _code(asked)
        await record(tx, sender, *about, **more)


async def ask(tx: Tx, asked: EmailChangeRequested, sender: Sender) -> None:
    """Mail the code of a new address to it, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.CODE, asked.change, asked.language, asked.name, asked.email)
        more = _code(asked)
        await record(tx, sender, *about, **more)


async def ask_former(tx: Tx, asked: EmailConsentRequested, sender: Sender) -> None:
    """Mail the code by which a customer agrees or objects to the address until now, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.CONSENT, asked.consent, asked.language, asked.name, asked.email)
        more = _code(asked)
        await record(tx, sender, *about, **more)


async def reset(tx: Tx, asked: PasswordResetRequested, sender: Sender) -> None:
    """Mail the code with which a customer chooses another password, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.RESET, asked.reset, asked.language, asked.name, asked.email)
        more = _code(asked)
        await record(tx, sender, *about, **more)


async def password_changed(tx: Tx, changed: PasswordChanged, sender: Sender) -> None:
    """Tell a customer that the password is another: that is how somebody learns of it whose account was stolen."""
    about = (About.PASSWORD_CHANGED, tx.new_id(), changed.language, changed.name, changed.email)
    facts: dict[str, str | int] = {
        "shop": changed.shop,
        "at": changed.changed_at.isoformat(),
        "browser": changed.browser or "",
        "system": changed.system or "",
    }
    await record(tx, sender, changed.tenant, *about, facts=facts)


async def invite(tx: Tx, asked: OrganisationInvitationRequested, sender: Sender) -> None:
    """Mail the code with which a customer becomes a member of an organisation, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.INVITATION, asked.invitation, asked.language, asked.name, asked.email)
        more = _code(asked)
        await record(tx, sender, *about, **more)


async def invite_staff(tx: Tx, asked: StaffInvited, sender: Sender) -> None:
    """Mail the code with which somebody who is to work for a tenant chooses a password, as long as it counts."""
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.STAFF, asked.invitation, asked.language, asked.name, asked.email)
        facts: dict[str, str | int] = {"shop": asked.shop, "page": asked.page}
        more: dict[str, Any] = {"secret_box": str(asked.code), "expires_at": asked.expires_at, "facts": facts}
        await record(tx, sender, *about, **more)


async def invite_guest(tx: Tx, asked: GuestInvited, sender: Sender) -> None:
    """Mail the code with which somebody without an account opens one and is of an organisation, as long as it counts.

    They are called nothing yet: `name` is that of who invites.
    """
    if asked.expires_at > tx.now:
        about = (asked.tenant, About.GUEST, asked.invitation, asked.language, asked.invited_by, asked.email)
        facts: dict[str, str | int] = {"shop": asked.shop, "role": asked.role, "organisation": str(asked.name)}
        more: dict[str, Any] = {"secret_box": str(asked.code), "expires_at": asked.expires_at, "facts": facts}
        await record(tx, sender, *about, **more)


async def readdress(tx: Tx, changed: EmailChanged, sender: Sender) -> None:
    """Write to a customer at the confirmed address, also what had bounced; the former one is told, but not of it.

    That is how somebody learns of it whose session was stolen.
    """
    if not await notifications.readdress(tx, changed.tenant, changed.email_contact):
        return
    tx.wake(SEND)
    tx.wake(NOTIFY)
    if changed.former_email is not None and changed.name is not None:
        about = (About.FORMER_ADDRESS, tx.new_id(), changed.language or "", changed.name, changed.former_email)
        await record(tx, sender, changed.tenant, *about, facts={"shop": changed.shop or ""})


async def redeemed(tx: Tx, event: RewardRedeemed, sender: Sender) -> None:
    """Tell a member that points are spent; a voucher's code tells it, and is published with this."""
    if event.kind is not RewardKind.VOUCHER:
        await _inform(tx, sender, event, About.REDEEMED, points=event.points)


async def fulfilled(tx: Tx, event: RewardFulfilled, sender: Sender) -> None:
    """Tell a member that a reward is delivered, with the code of a voucher."""
    await _inform(tx, sender, event, About(event.kind), code=event.code)


async def failed(tx: Tx, event: RewardFailed, sender: Sender) -> None:
    """Tell a member that a reward cannot be delivered, and that the points are given back."""
    await _inform(tx, sender, event, About.FAILED, points=event.points)


async def receipt(tx: Tx, declared: WithdrawalDeclared, sender: Sender) -> None:
    """Mail the receipt of a withdrawal: content, date and time of the declaration, and what follows (BGB 356a).

    Of one that fits no order nothing is said but what was typed; nobody's other letters count against it.
    """
    known = declared.order is not None
    who = (declared.language, declared.name, declared.email)
    about = (About.WITHDRAWAL if known else About.WITHDRAWAL_UNKNOWN, declared.withdrawal, *who)
    of = None if known else declared.withdrawal
    facts: dict[str, str | int] = {
        "number": declared.number,
        "declared_at": declared.declared_at.isoformat(),
        "seller": declared.seller,
        "channel": declared.channel,
    }
    rows = tuple(Row(line.name, len(line.units), line.outcome) for line in declared.lines)
    await record(tx, sender, declared.tenant, *about, of=of, facts=facts, rows=rows)


async def shipped(tx: Tx, posted: OrderShipped, sender: Sender) -> None:
    """Tell a customer that boxes are on their way, who carries them, and where they are found."""
    about = (About.SHIPPED, posted.shipment, posted.language, posted.name_contact, posted.email_contact)
    facts: dict[str, str | int] = {
        "number": posted.order_number,
        "order": str(posted.order),
        "carrier": posted.carrier or "",
        "seller": posted.seller,
        "channel": posted.channel,
    }
    rows = tuple(Row(line.name, len(line.units)) for line in posted.lines)
    box = None if posted.tracking is None else str(posted.tracking)
    await record(tx, sender, posted.tenant, *about, secret_box=box, facts=facts, rows=rows)


async def claim(tx: Tx, limit: int, lease: Lease, most: LettersPerHour) -> Sequence[Notification]:
    """Lease notifications that are to be sent now; a customer who has got `most` e-mails within an hour waits."""
    ready: list[Notification] = []
    for one in await notifications.claim(tx, limit, lease):
        if one.lately < most:
            ready.append(one)
        else:
            log.warning("a customer gets no more e-mails for now", email=str(one.id))
            await notifications.delay(tx, one, tx.now + FLOOD)
    return ready


async def settle(tx: Tx, notification: Notification, outcome: Outcome) -> None:
    """Record how an attempt ended."""
    after = notification.after(outcome, tx.now)
    await notifications.settle(tx, after)
    if after.state is State.BOUNCED:
        log.warning("a notification was refused", email=str(after.id), about=after.about, code=after.code)
    if after.state is not State.WAITING:
        tx.wake(NOTIFY)  # the next one about the same subject


async def record(
    tx: Tx,
    sender: Sender,
    tenant: str,
    about: About,
    subject: UUID,
    language: str,
    name: Sealed,
    email: Sealed,
    *,
    of: UUID | None = None,
    **more: Any,
) -> None:
    """Record a notification, unless it is about what happened before EFFECTS_SINCE.

    It counts among those to the contact whose key seals its address, or to whom it is `of`.
    """
    if not tx.effects:
        return
    id_ = tx.new_id()
    new = Notification(
        tenant=tenant,
        id=id_,
        about=about,
        subject=subject,
        language=language,
        name_box=str(name),
        email_box=str(email),
        message_id=sender.message_id(id_),
        written_at=tx.now,
        send_at=tx.now,
        **more,
    )
    await notifications.record(tx, new, of or email.key)
    tx.wake(NOTIFY)


def _code(
    asked: EmailConfirmationRequested
    | EmailChangeRequested
    | EmailConsentRequested
    | PasswordResetRequested
    | OrganisationInvitationRequested,
) -> dict[str, Any]:
    """Return what a letter with a code has beside its addressee."""
    return {"secret_box": str(asked.code), "expires_at": asked.expires_at, "facts": {"shop": asked.shop}}


async def _inform(
    tx: Tx,
    sender: Sender,
    event: RewardRedeemed | RewardFulfilled | RewardFailed,
    about: About,
    *,
    code: Sealed | None = None,
    points: int = 0,
) -> None:
    """Record a letter about a reward; of whom nothing is known but the member, nobody can be written to."""
    if event.addressee is not None:
        to = event.addressee
        facts: dict[str, str | int] = {"reward": event.reward_title or event.reward, "points": points}
        more: dict[str, Any] = {"secret_box": None if code is None else str(code), "facts": facts}
        await record(tx, sender, event.tenant, about, event.redemption, to.language, to.name, to.email, **more)
