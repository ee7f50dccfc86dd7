"""What operators set up: tenants, staff, services."""

import hmac
from collections.abc import Sequence

from chassis.db import Tx
from chassis.identity.sealing import seal
from contracts.event import SubjectKey

from accounts.domain.people import EmailTaken, ServiceRefused
from accounts.domain.purposes import RECORDS, STAFF
from accounts.domain.tenant import Seller, Tenant, record_years
from accounts.domain.tokens import ACCESS_LIFETIME, hashed
from accounts.store import logins, services, staff, subject_keys, tenants
from accounts.usecases import signing_in
from accounts.usecases.passwords import Passwords
from accounts.usecases.signing import Signing
from accounts.usecases.vault import Vault
from contracts import accounts as said


async def open_tenant(tx: Tx, tenant: Tenant, vault: Vault) -> str:
    """Make a tenant what its file says, and say so if it was not: "opened", "changed" or "unchanged"."""
    await tenants.turn(tx, tenant.tenant)
    known = await tenants.find(tx, tenant.tenant)
    if known is None:
        await vault.add_tenant(tx, tenant)
    elif known.tenant != tenant:
        await tenants.change(tx, tenant)
    keys = {seller.seller: await _records_keys(tx, tenant.tenant, seller.seller, vault) for seller in tenant.sellers}
    made = any(new for _, new in keys.values())
    if known is not None and known.tenant == tenant and not made:
        return "unchanged"
    event = said.TenantOpened if known is None else said.TenantChanged
    sellers = [_seller(seller, keys[seller.seller][0]) for seller in tenant.sellers]
    tx.publish(event(tenant=tenant.tenant, name=tenant.name, sellers=sellers))
    return "opened" if known is None else "changed"


async def make_next_keys(tx: Tx, vault: Vault) -> bool:
    """Make records keys a year ahead, a tenant at a time; whether there may be more."""
    for year in record_years(tx.now):
        lacking = await tenants.lacking_year(tx, year)
        known = await tenants.find(tx, lacking) if lacking is not None else None
        if known is not None:
            await open_tenant(tx, known.tenant, vault)
            return True
    return False


async def add_staff(
    tx: Tx,
    tenant: str,
    email: str,
    name: str,
    roles: Sequence[str],
    password: str,
    vault: Vault,
    passwords: Passwords,
) -> str:
    """Let somebody work for a tenant, or change what is known of them: "added" or "changed".

    Raises TenantUnknown, and EmailTaken where the e-mail address is a customer's.
    """
    email_mark = (await vault.index(tx, tenant)).email(email)
    known = await logins.by_email(tx, tenant, email_mark)
    if known is None:
        member = tx.new_id()
        key = await vault.new_key(tx, tenant, STAFF, str(member))
        await staff.add(tx, tenant, member, seal(name, key, "name"), seal(email, key, "email"))
        if not await logins.add(tx, tenant, member, email_mark, await passwords.hash(password), roles):
            raise EmailTaken
        return "added"
    keys = await subject_keys.of_subject(tx, tenant, str(known.subject), (STAFF,))
    if STAFF not in keys:
        raise EmailTaken
    await staff.rename(tx, tenant, known.subject, seal(name, keys[STAFF], "name"))
    await logins.set_roles(tx, tenant, known.subject, roles)
    if not await passwords.matches(known.password_hash, password):
        new_hash = await passwords.hash(password)
        await logins.set_password(tx, tenant, known.subject, known.password_hash, new_hash)
        await signing_in.password_changed(tx, tenant, known.subject)
    return "changed"


async def add_service(tx: Tx, service: str, secret: str) -> None:
    """Let a service identify itself with this secret, and no other."""
    await services.put(tx, service, hashed(secret))


async def service_token(tx: Tx, service: str, secret: str, signing: Signing) -> str:
    """A token for a service; raises ServiceRefused."""
    known = await services.secret_hash(tx, service)
    # Compared also where the service is unknown; an unknown one has no secret whose hash is empty.
    if not hmac.compare_digest(known or b"", hashed(secret)):
        raise ServiceRefused
    return await signing.issue(tx, service, "", ("service",), {}, ACCESS_LIFETIME)


async def _records_keys(tx: Tx, tenant: str, seller: str, vault: Vault) -> tuple[dict[int, SubjectKey], bool]:
    """The records keys of a seller, those that were lacking made now, and whether any was."""
    keys = await subject_keys.records(tx, tenant, seller)
    lacking = [year for year in record_years(tx.now) if year not in keys]
    for year in lacking:
        keys[year] = await vault.new_key(tx, tenant, RECORDS, seller, year)
    return keys, bool(lacking)


def _seller(seller: Seller, keys: dict[int, SubjectKey]) -> said.Seller:
    return said.Seller(
        seller=seller.seller,
        legal_name=seller.legal_name,
        address=seller.address,
        vat_id=seller.vat_id,
        country=seller.country,
        bank_account=said.BankAccount(iban=seller.iban, bic=seller.bic, payee=seller.payee),
        records_keys=[said.RecordsKey(year=year, records=key) for year, key in sorted(keys.items())],
    )
