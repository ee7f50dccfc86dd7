"""A customer confirms the address with which they have registered, by a code that is mailed there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.accounts import CustomerRegistered, EmailConfirmationRequested
from contracts.shared import CustomerKeys

from accounts.domain import mailbox
from accounts.domain.mailed_code import LIFETIME, new_short_code, plain
from accounts.domain.people import (
    AlreadyConfirmed,
    CodeRefused,
    CodesSpent,
    CustomerUnknown,
    EmailTaken,
    RefreshRefused,
    TenantUnknown,
    TooManyCodes,
)
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.store import confirmations, customers, logins, registrations, subject_keys, tenants
from accounts.store import sessions as session_rows
from accounts.store.customers import Boxes, Customer
from accounts.usecases import inviting, sessions
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import TokenIssuer

HOUR, PER_HOUR = timedelta(hours=1), 4
# Who presses twice gets one letter.
PAUSE = timedelta(minutes=1)
# Within a week somebody who wants the account has confirmed the address.
KEPT = timedelta(days=7)
AT_ONCE = 100
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AddressConfirmation:
    """Whether customers have to confirm their address."""

    required: bool


async def mail(tx: Tx, tenant: str, customer_id: UUID, kms: KeyManagement) -> None:
    """Mail a code to the address of a customer who has not confirmed it; those mailed before count, too."""
    customer, boxes = await _lock(tx, tenant, customer_id)
    house = await tenants.find(tx, tenant)
    if house is None:
        raise TenantUnknown
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (CONTACT,))
    code, expires_at = new_short_code(), tx.now + LIFETIME
    await confirmations.add(tx, tenant, customer_id, await _hash(tx, tenant, customer_id, code, kms), expires_at)
    tx.publish(
        EmailConfirmationRequested(
            tenant=tenant,
            customer=customer_id,
            confirmation=tx.new_id(),
            shop=house.name,
            language=customer.language,
            expires_at=expires_at,
            name=boxes.name_contact,
            email=boxes.email_contact,
            code=seal(code, keys[CONTACT], "code"),
        )
    )


async def wait(tx: Tx, tenant: str, customer_id: UUID, of_site: int) -> int:
    """Return in how many seconds a customer's mailbox gets another code, of so many a day for each site.

    Whoever registers with addresses of others floods no mailbox, and keeps no letter from its owner, who opens the
    account from elsewhere: what counts is from where that was, not who asks on behalf of whom.
    """
    sent = await registrations.letters(tx, tenant, customer_id, tx.now - mailbox.DAY)
    return math.ceil(mailbox.wait(sent, of_site, tx.now).total_seconds())


def left(asked: confirmations.Asked, now: datetime) -> int:
    """Return in how many seconds a customer gets another code, who has asked for so many within the hour."""
    if asked.first is None or asked.codes < PER_HOUR:
        return 0
    return math.ceil((asked.first + HOUR - now).total_seconds())


async def mail_again(tx: Tx, tenant: str, customer_id: UUID, of_site: int, kms: KeyManagement) -> None:
    """Mail another code, four within an hour at most; within a minute of one that counts, that one will do.

    What all accounts of one mailbox get is limited (`wait`).

    Raises TooManyCodes, AlreadyConfirmed and CustomerUnknown.
    """
    await _lock(tx, tenant, customer_id)
    login = await logins.by_subject(tx, tenant, customer_id)
    if login is None:
        raise CustomerUnknown
    if login.confirmed:
        raise AlreadyConfirmed
    asked = await confirmations.asked(tx, tenant, customer_id, tx.now - HOUR)
    if asked.latest is not None and asked.latest > tx.now - PAUSE:
        return
    if seconds := left(asked, tx.now):
        raise TooManyCodes(seconds)
    await registrations.lock_of(tx, tenant, customer_id)
    if seconds := await wait(tx, tenant, customer_id, of_site):
        raise TooManyCodes(seconds)
    await mail(tx, tenant, customer_id, kms)


async def confirm(
    tx: Tx, tenant: str, customer_id: UUID, session_id: UUID, by: sessions.By, code: str, issuer: TokenIssuer
) -> sessions.Tokens | CodeRefused | CodesSpent:
    """Let the address be this customer's alone; their session ends, and one begins in which they are a customer.

    Whoever else has registered with the address and not confirmed it is forgotten. A wrong code is counted, and
    returned as a refusal. Raises EmailTaken, CustomerUnknown, and RefreshRefused where the session has ended.
    """
    await confirmations.lock(tx, tenant, customer_id)
    await _lock(tx, tenant, customer_id)
    code_hash = await _hash(tx, tenant, customer_id, code, KeyManagement(issuer.master))
    if not await confirmations.use(tx, tenant, customer_id, code_hash):
        return CodesSpent() if await confirmations.refuse(tx, tenant, customer_id) else CodeRefused()
    if not await session_rows.end_one(tx, tenant, customer_id, session_id, "the address was confirmed"):
        raise RefreshRefused
    if not await logins.confirm(tx, tenant, customer_id):
        raise EmailTaken
    await _remove(tx, await confirmations.others(tx, tenant, customer_id))
    await welcome(tx, tenant, customer_id)
    login = await logins.by_subject(tx, tenant, customer_id)
    if login is None:
        raise CustomerUnknown
    scope = await session_rows.scope_of(tx, tenant, session_id)
    return await sessions.begin(tx, tenant, login, by.methods, issuer, scope, authenticated_at=by.authenticated_at)


async def welcome(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Publish that there is a customer: the first that others learn of them."""
    customer, boxes = await _lock(tx, tenant, customer_id)
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (PROFILE, CONTACT))
    tx.publish(
        CustomerRegistered(
            tenant=tenant,
            customer=customer_id,
            registered_at=customer.registered_at,
            market=customer.market,
            language=customer.language,
            keep_data=customer.keep_data,
            keys=CustomerKeys(profile=keys[PROFILE], contact=keys[CONTACT]),
            name=boxes.name_profile,
            email=boxes.email_contact,
        )
    )
    await inviting.mail_waiting(tx, tenant, customer_id)


async def remove_unconfirmed(tx: Tx) -> bool:
    """Forget who has registered a week ago and never confirmed the address, and return whether there may be more."""
    found = await confirmations.old(tx, tx.now - KEPT, AT_ONCE)
    if found:
        removed = await _remove(tx, found)
        log.info("accounts that nobody has confirmed were removed", count=removed)
    return len(found) == AT_ONCE


async def _hash(read: Read, tenant: str, customer_id: UUID, code: str, kms: KeyManagement) -> bytes:
    return (await kms.blind_index(read, tenant)).confirmation_code(customer_id, plain(code))


async def _remove(tx: Tx, unconfirmed: Sequence[tuple[str, UUID]]) -> int:
    await customers.lock(tx, unconfirmed)
    return await confirmations.remove(tx, unconfirmed)


async def _lock(tx: Tx, tenant: str, customer_id: UUID) -> tuple[Customer, Boxes]:
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found or found[0].boxes is None:
        raise CustomerUnknown
    return found[0], found[0].boxes
