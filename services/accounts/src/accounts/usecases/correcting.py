"""Whoever has mistyped the address with which they register corrects it: the code goes to the other one alone."""

from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.emails import EmailAddress

from accounts.domain.people import AlreadyConfirmed, CustomerUnknown, EmailTaken, TooManyCodes, TooManyRegistrations
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.store import confirmations, customers, logins, subject_keys
from accounts.usecases import confirming, registering, signing_in
from accounts.usecases.key_management import KeyManagement, email_hmac


async def correct(
    tx: Tx,
    attempt: signing_in.Attempt,
    customer_id: UUID,
    email: str,
    password_hash: str,
    network: str,
    kms: KeyManagement,
    limits: registering.RegistrationsPerDay,
) -> Exception | None:
    """Let a customer who has not confirmed their address have another one, and mail a code there.

    Codes that were mailed to the former one count no more, but are counted: for the limits it is as if somebody
    registered. The password has the salt of its address, so that it is hashed anew. Refusals are returned, so that
    what was asked for counts. Raises EmailMalformed, CustomerUnknown and AlreadyConfirmed.
    """
    tenant = attempt.tenant
    await confirmations.lock(tx, tenant, customer_id)
    found = await customers.lock(tx, [(tenant, customer_id)])
    if not found or found[0].boxes is None:
        raise CustomerUnknown
    proved = await signing_in.authenticate(tx, attempt, None, kms)
    if isinstance(proved, Exception):
        return proved
    login = proved.login
    if login.confirmed:
        raise AlreadyConfirmed
    index = await kms.blind_index(tx, tenant)
    hashed_email, written = email_hmac(index, email), EmailAddress.read(email).written
    if hashed_email == login.email_hmac:
        return None
    try:
        await registering.admit(tx, tenant, customer_id, email, network, index, limits, new=True)
    except TooManyRegistrations as refusal:
        return refusal
    if await logins.confirmed_by_email(tx, tenant, hashed_email) is not None:
        return EmailTaken()
    asked = await confirmations.asked(tx, tenant, customer_id, tx.now - confirming.HOUR)
    seconds = confirming.left(asked, tx.now) or await confirming.wait(tx, tenant, customer_id, limits.mailbox)
    if seconds:
        return TooManyCodes(seconds)
    if not await logins.set_email(tx, tenant, customer_id, hashed_email):
        raise EmailTaken
    await logins.set_password(tx, tenant, customer_id, login.password_hash, password_hash)
    keys = await subject_keys.of_subject(tx, tenant, str(customer_id), (PROFILE, CONTACT))
    boxes = (seal(written, keys[PROFILE], "email"), seal(written, keys[CONTACT], "email"))
    await customers.set_email(tx, tenant, customer_id, *boxes)
    await confirmations.void(tx, tenant, customer_id)
    await confirming.mail(tx, tenant, customer_id, kms)
    return None
