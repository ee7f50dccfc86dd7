"""What operators set up: tenants, staff, and the credentials of services."""

import hmac
from collections.abc import Sequence

from chassis.db import Tx
from chassis.identity import seal
from contracts.event import SubjectKey

from accounts.domain.people import EmailTaken, ServiceRefused
from accounts.domain.purposes import RECORDS, STAFF
from accounts.domain.tenant import Seller, Tenant, record_years
from accounts.domain.tokens import hashed
from accounts.store import logins, services, staff, subject_keys, tenants
from accounts.usecases import signing_in
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.passwords import Passwords
from accounts.usecases.tokens import TokenIssuer
from contracts import accounts as contract


async def open_tenant(tx: Tx, tenant: Tenant, kms: KeyManagement) -> str:
    """Open or change a tenant as its file describes it; returns "opened", "changed" or "unchanged"."""
    await tenants.lock(tx, tenant.id)
    before = await tenants.find(tx, tenant.id)
    if before is None:
        await kms.add_tenant(tx, tenant)
    elif before != tenant:
        await tenants.change(tx, tenant)
    keys = {seller.id: await subject_keys.records(tx, tenant.id, seller.id) for seller in tenant.sellers}
    lacking = [(id_, year) for id_, known in keys.items() for year in record_years(tx.now) if year not in known]
    for seller_id, year in lacking:
        keys[seller_id][year] = await kms.new_key(tx, tenant.id, RECORDS, seller_id, year)
    if before == tenant and not lacking:
        return "unchanged"
    event = contract.TenantOpened if before is None else contract.TenantChanged
    sellers = [_seller(seller, keys[seller.id]) for seller in tenant.sellers]
    tx.publish(event(tenant=tenant.id, name=tenant.name, sellers=sellers))
    return "opened" if before is None else "changed"


async def make_records_keys(tx: Tx, kms: KeyManagement) -> bool:
    """Make records keys a year ahead, a tenant at a time, and return whether there may be more."""
    for year in record_years(tx.now):
        lacking = await tenants.lacking_year(tx, year)
        tenant = await tenants.find(tx, lacking) if lacking is not None else None
        if tenant is not None:
            await open_tenant(tx, tenant, kms)
            return True
    return False


async def add_staff(
    tx: Tx,
    tenant: str,
    email: str,
    name: str,
    roles: Sequence[str],
    password: str,
    kms: KeyManagement,
    passwords: Passwords,
) -> str:
    """Let somebody work for a tenant, or change what is known of them; returns "added" or "changed".

    Raises TenantUnknown, and EmailTaken where the e-mail address is a customer's.
    """
    email_hmac = (await kms.blind_index(tx, tenant)).email(email)
    login = await logins.by_email(tx, tenant, email_hmac)
    if login is None:
        member_id = tx.new_id()
        key = await kms.new_key(tx, tenant, STAFF, str(member_id))
        await staff.add(tx, tenant, member_id, seal(name, key, "name"), seal(email, key, "email"))
        if not await logins.add(tx, tenant, member_id, email_hmac, await passwords.hash(password), roles):
            raise EmailTaken
        return "added"
    keys = await subject_keys.of_subject(tx, tenant, str(login.subject_id), (STAFF,))
    if STAFF not in keys:
        raise EmailTaken
    await staff.rename(tx, tenant, login.subject_id, seal(name, keys[STAFF], "name"))
    await logins.set_roles(tx, tenant, login.subject_id, roles)
    if not await passwords.matches(login.password_hash, password):
        new_hash = await passwords.hash(password)
        await logins.set_password(tx, tenant, login.subject_id, login.password_hash, new_hash)
        await signing_in.password_changed(tx, tenant, login.subject_id)
    return "changed"


async def add_service(tx: Tx, service: str, secret: str) -> None:
    """Let a service identify itself with this secret, and no other."""
    await services.put(tx, service, hashed(secret))


async def service_token(tx: Tx, service: str, secret: str, issuer: TokenIssuer) -> str:
    """Return an access token for a service; raises ServiceRefused."""
    known = await services.secret_hash(tx, service)
    # Compared also where the service is unknown; an unknown one has no secret whose hash is empty.
    if not hmac.compare_digest(known or b"", hashed(secret)):
        raise ServiceRefused
    return await issuer.issue(tx, service, "", ("service",), {})


def _seller(seller: Seller, keys: dict[int, SubjectKey]) -> contract.Seller:
    return contract.Seller(
        seller=seller.id,
        legal_name=seller.legal_name,
        address=seller.address,
        vat_id=seller.vat_id,
        country=seller.country,
        bank_account=contract.BankAccount(iban=seller.iban, bic=seller.bic, payee=seller.payee),
        records_keys=[contract.RecordsKey(year=year, records=key) for year, key in sorted(keys.items())],
    )
