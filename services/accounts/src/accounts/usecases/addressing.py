"""A customer is written to at another address: asked for with the password, confirmed by a code that is sent there."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import EmailChanged, EmailChangeRequested
from contracts.emails import EmailAddress

from accounts.domain.mailed_code import LIFETIME, new_code, plain
from accounts.domain.people import (
    AccountErased,
    CustomerUnknown,
    EmailChangeUnknown,
    EmailTaken,
    TenantUnknown,
    TooManyRegistrations,
)
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.domain.tokens import hashed
from accounts.store import customers, email_changes, logins, subject_keys, tenants
from accounts.store.customers import Boxes
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.registering import RegistrationsPerDay, admit


async def request(
    tx: Tx,
    attempt: signing_in.Attempt,
    customer_id: UUID,
    email: str,
    factor: str | None,
    network: str,
    kms: KeyManagement,
    limits: RegistrationsPerDay,
) -> Exception | None:
    """Mail a code to a new address of a customer who has proved who they are, else return the refusal.

    What is refused is returned, so that it counts as asked for, and that it was proved does not count as a failure.
    Raises EmailMalformed, CustomerUnknown and AccountErased.
    """
    proved = await signing_in.authenticate(tx, attempt, factor, kms)
    if isinstance(proved, Exception):
        return proved
    tenant = attempt.tenant
    boxes, language = await _boxes(tx, tenant, customer_id)
    index, house = await kms.blind_index(tx, tenant), await tenants.find(tx, tenant)
    if house is None:
        raise TenantUnknown
    try:
        await admit(tx, tenant, customer_id, email, network, index, limits)
    except TooManyRegistrations as refusal:
        return refusal
    hashed_email, written = email_hmac(index, email), EmailAddress.read(email).written
    if await logins.confirmed_by_email(tx, tenant, hashed_email) is not None:
        return EmailTaken()
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (PROFILE, CONTACT))
    code = new_code()
    change = email_changes.EmailChange(
        customer_id, hashed_email, seal(written, keys[PROFILE], "email"), seal(written, keys[CONTACT], "email")
    )
    expires_at = tx.now + LIFETIME
    await email_changes.put(tx, tenant, change, hashed(plain(code)), expires_at)
    tx.publish(
        EmailChangeRequested(
            tenant=tenant,
            customer=customer_id,
            change=tx.new_id(),
            shop=house.name,
            language=language,
            expires_at=expires_at,
            name=boxes.name_contact,
            email=change.email_contact,
            code=seal(code, keys[CONTACT], "code"),
        )
    )
    return None


async def confirm(tx: Tx, tenant: str, customer_id: UUID, code: str) -> None:
    """Let a customer be written to, and sign in, at the address to which this code was mailed; the former one is told.

    Raises EmailChangeUnknown, EmailTaken, CustomerUnknown and AccountErased.
    """
    boxes, language = await _boxes(tx, tenant, customer_id)
    change = await email_changes.take(tx, tenant, customer_id, hashed(plain(code)))
    if change is None:
        raise EmailChangeUnknown
    if not await logins.set_email(tx, tenant, customer_id, change.email_hmac):
        raise EmailTaken
    await customers.set_email(tx, tenant, customer_id, change.email_profile, change.email_contact)
    house = await tenants.find(tx, tenant)
    tx.publish(
        EmailChanged(
            tenant=tenant,
            customer=customer_id,
            changed_at=tx.now,
            email_contact=change.email_contact,
            former_email=boxes.email_contact,
            name=boxes.name_contact,
            shop=None if house is None else house.name,
            language=language,
        )
    )


async def _boxes(tx: Tx, tenant: str, customer_id: UUID) -> tuple[Boxes, str]:
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found:
        raise CustomerUnknown
    if found[0].boxes is None:
        raise AccountErased
    return found[0].boxes, found[0].language
