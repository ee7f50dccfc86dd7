"""A customer has forgotten the password: a code is mailed, and whoever sends it back chooses another one."""

from datetime import timedelta

from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import PasswordResetRequested

from accounts.domain.device import Device
from accounts.domain.mailed_code import new_code, plain
from accounts.domain.people import CUSTOMER_ROLE, ResetRefused
from accounts.domain.purposes import CONTACT
from accounts.domain.tokens import hashed
from accounts.store import customers, invitations, logins, subject_keys, tenants
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement, email_hmac

LIFETIME = timedelta(hours=1)
PAUSE, PER_HOUR = timedelta(minutes=2), 4


async def request(tx: Tx, tenant: str, email: str, kms: KeyManagement) -> None:
    """Mail a code to a customer who has this address; those mailed before count, too.

    Nothing is done where there is no such customer, one was mailed just now, or four within the hour. Raises
    TenantUnknown and EmailMalformed.
    """
    login = await logins.confirmed_by_email(tx, tenant, email_hmac(await kms.blind_index(tx, tenant), email))
    house = await tenants.find(tx, tenant)
    if login is None or house is None or CUSTOMER_ROLE not in login.roles:
        return
    (customer,) = await customers.lock(tx, [(tenant, login.subject_id)])
    before = await invitations.open_of(tx, tenant, customer.id)
    just_now = before.until is not None and before.until > tx.now + LIFETIME - PAUSE
    if customer.boxes is None or just_now or before.number >= PER_HOUR:
        return
    keys = await subject_keys.of_subject(tx, tenant, str(customer.id), (CONTACT,))
    code, expires_at = new_code(), tx.now + LIFETIME
    await invitations.add(tx, tenant, customer.id, hashed(plain(code)), expires_at)
    tx.publish(
        PasswordResetRequested(
            tenant=tenant,
            customer=customer.id,
            reset=tx.new_id(),
            shop=house.name,
            language=customer.language,
            expires_at=expires_at,
            name=customer.boxes.name_contact,
            email=customer.boxes.email_contact,
            code=seal(code, keys[CONTACT], "code"),
        )
    )


async def confirm(
    tx: Tx, tenant: str, code: str, password_hash: str, device: Device, kms: KeyManagement
) -> ResetRefused | None:
    """Let the customer to whom this code was mailed have another password: it is used up, and all sessions end.

    A second factor stays what it was, and is asked for at the next sign-in.
    """
    customer_id = await invitations.use(tx, tenant, hashed(plain(code)))
    login = await logins.by_subject(tx, tenant, customer_id) if customer_id else None
    if login is None:
        return ResetRefused()
    await logins.set_password(tx, tenant, login.subject_id, login.password_hash, password_hash)
    await signing_in.password_changed(tx, tenant, login.subject_id, kms, device)
    return None
