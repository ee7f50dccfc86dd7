"""A customer is written to at another address: its reader confirms it, and that of the former one agrees or objects."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from chassis.db import Read, Tx
from chassis.identity import seal
from chassis.jobs import in_parts
from contracts.accounts import EmailChanged, EmailChangeRequested, EmailConsentRequested
from contracts.emails import EmailAddress
from contracts.event import SubjectKey

from accounts.domain.address_change import FORMER_LIFETIME, PAUSE, AddressChange
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
from accounts.store import customers, email_changes, logins, sessions, subject_keys, tenants
from accounts.store.customers import Boxes
from accounts.store.email_changes import EmailChange
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement, email_hmac
from accounts.usecases.registering import RegistrationsPerDay, admit

AT_ONCE = 20
log = structlog.get_logger(__name__)


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
    """Mail a code to a new address of a customer who has proved who they are, and one to the former.

    Else return the refusal, so that it counts as asked for, and that it was proved does not count as a failure.
    Raises EmailMalformed, CustomerUnknown and AccountErased.
    """
    proved = await signing_in.authenticate(tx, attempt, factor, kms)
    if isinstance(proved, Exception):
        return proved
    tenant = attempt.tenant
    boxes, language = await _boxes(tx, tenant, customer_id)
    index = await kms.blind_index(tx, tenant)
    hashed_email, written = email_hmac(index, email), EmailAddress.read(email).written
    before = await email_changes.find(tx, tenant, customer_id)
    if before is not None and before.email_hmac == hashed_email and before.state.asked_at > tx.now - PAUSE:
        return None
    try:
        await admit(tx, tenant, customer_id, email, network, index, limits)
    except TooManyRegistrations as refusal:
        return refusal
    if await logins.confirmed_by_email(tx, tenant, hashed_email) is not None:
        return EmailTaken()
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (PROFILE, CONTACT))
    code, former = new_code(), new_code()
    change = EmailChange(
        customer_id,
        hashed_email,
        seal(written, keys[PROFILE], "email"),
        seal(written, keys[CONTACT], "email"),
        hashed(plain(code)),
        hashed(plain(former)),
        AddressChange(tx.now, tx.now + LIFETIME),
    )
    await email_changes.put(tx, tenant, change)
    await _ask_both(tx, tenant, change, boxes, language, (code, former), keys[CONTACT])
    return None


async def confirm(tx: Tx, tenant: str, customer_id: UUID, code: str) -> AddressChange | None:
    """Let the reader of the new address confirm it by their code, or that of the former one agree by theirs.

    Returns how far it has come, None where it has taken effect: the customer is written to, and signs in, at the new
    address, and the former one is told. Raises EmailChangeUnknown, EmailTaken, CustomerUnknown and AccountErased.
    """
    boxes, language = await _boxes(tx, tenant, customer_id)
    change = await email_changes.find(tx, tenant, customer_id)
    if change is None:
        raise EmailChangeUnknown
    state, given = change.state, hashed(plain(code))
    if hmac.compare_digest(given, change.code_hash) and state.confirmed_at is None:
        state = replace(state, confirmed_at=tx.now)
    elif hmac.compare_digest(given, change.former_hash) and state.consented_at is None:
        state = replace(state, consented_at=tx.now)
    else:
        raise EmailChangeUnknown
    if state.takes_effect(tx.now):
        await _carry_out(tx, tenant, change, boxes, language)
        return None
    await email_changes.settle(tx, tenant, customer_id, state)
    return state


async def waiting(read: Read, tenant: str, customer_id: UUID) -> AddressChange | None:
    """Return how far a change of a customer's address has come, if one waits."""
    change = await email_changes.find(read, tenant, customer_id)
    return None if change is None else change.state


async def give_up(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Leave a customer's address as it is; raises EmailChangeUnknown."""
    if not await email_changes.remove(tx, tenant, customer_id):
        raise EmailChangeUnknown


async def object_to(tx: Tx, tenant: str, code: str) -> None:
    """Leave a customer's address as it is, for its reader did not ask for another: all sessions end.

    Raises EmailChangeUnknown.
    """
    change = await email_changes.by_former(tx, tenant, hashed(plain(code)))
    if change is None or not await email_changes.remove(tx, tenant, change.customer_id):
        raise EmailChangeUnknown
    await sessions.end_all(tx, tenant, change.customer_id, "another address was objected to")
    log.warning("another address was objected to", tenant=tenant, subject=str(change.customer_id))


async def carry_out_due(tx: Tx) -> bool:
    """Let addresses count that were confirmed some days ago and to which nobody has objected; true if there is more."""
    found = await email_changes.due(tx, AT_ONCE)
    done = await in_parts(tx, "change addresses", found, lambda some: _carry_out_all(tx, some), tuple)
    return done > 0 and len(found) == AT_ONCE


async def _carry_out_all(tx: Tx, due: Sequence[tuple[str, UUID]]) -> None:
    for tenant, customer_id in due:
        boxes, language = await _boxes(tx, tenant, customer_id)
        change = await email_changes.find(tx, tenant, customer_id)
        if change is None or not change.state.takes_effect(tx.now):
            continue
        if await logins.confirmed_by_email(tx, tenant, change.email_hmac) is not None:
            log.info("another address was taken meanwhile", tenant=tenant, subject=str(customer_id))
            await email_changes.remove(tx, tenant, customer_id)
            continue
        await _carry_out(tx, tenant, change, boxes, language)


async def _ask_both(
    tx: Tx, tenant: str, change: EmailChange, boxes: Boxes, language: str, codes: tuple[str, str], key: SubjectKey
) -> None:
    house = await tenants.find(tx, tenant)
    if house is None:
        raise TenantUnknown
    new, former = codes
    tx.publish(
        EmailChangeRequested(
            tenant=tenant,
            customer=change.customer_id,
            change=tx.new_id(),
            shop=house.name,
            language=language,
            expires_at=change.state.expires_at,
            name=boxes.name_contact,
            email=change.email_contact,
            code=seal(new, key, "code"),
        ),
        EmailConsentRequested(
            tenant=tenant,
            customer=change.customer_id,
            consent=tx.new_id(),
            shop=house.name,
            language=language,
            expires_at=change.state.asked_at + FORMER_LIFETIME,
            name=boxes.name_contact,
            email=boxes.email_contact,
            code=seal(former, key, "code"),
        ),
    )


async def _carry_out(tx: Tx, tenant: str, change: EmailChange, boxes: Boxes, language: str) -> None:
    customer_id = change.customer_id
    await email_changes.remove(tx, tenant, customer_id)
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
