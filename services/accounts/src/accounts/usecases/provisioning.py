"""What operators set up: tenants, and the credentials of services."""

import hmac
from collections.abc import Sequence
from dataclasses import asdict

from chassis.db import Tx, record_tenants
from chassis.jobs import in_parts
from contracts.event import SubjectKey

from accounts.domain.people import ServiceRefused
from accounts.domain.purposes import RECORDS
from accounts.domain.tenant import Seller, Tenant, record_years
from accounts.domain.tokens import hashed
from accounts.store import services, subject_keys, tenants
from accounts.usecases.key_management import KeyManagement
from accounts.usecases.tokens import OF_SERVICES, TokenIssuer
from contracts import accounts as contract

AT_ONCE = 1000


async def open_tenant(tx: Tx, tenant: Tenant, kms: KeyManagement) -> str:
    """Open or change a tenant as its file describes it; returns "opened", "changed" or "unchanged"."""
    await tenants.lock(tx, tenant.id)
    before = await tenants.find(tx, tenant.id)
    if before is None:
        await kms.add_tenant(tx, tenant)
        await record_tenants(tx, [tenant.id])
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
    known = None if before is None else _facts(before)
    tx.audit("tenant", tenant.id, before=known, after=_facts(tenant), tenant=tenant.id)
    return "opened" if before is None else "changed"


async def make_records_keys(tx: Tx, kms: KeyManagement) -> bool:
    """Make records keys a year ahead, and return whether there may be more; a bad tenant holds up itself alone."""

    async def make(some: Sequence[str]) -> None:
        for lacking in some:
            tenant = await tenants.find(tx, lacking)
            if tenant is not None:
                await open_tenant(tx, tenant, kms)

    for year in record_years(tx.now):
        if await in_parts(tx, "make records keys", await tenants.lacking_year(tx, year, AT_ONCE), make, str):
            return True
    return False


async def add_service(tx: Tx, service: str, secrets: Sequence[str]) -> None:
    """Let a service identify itself with any of these secrets, and no other."""
    await services.put(tx, service, [hashed(secret) for secret in secrets])
    tx.audit("service", service, after={"known": True})


async def remove_service(tx: Tx, service: str) -> bool:
    """Let a service identify itself no more, and erasures wait for it no longer; returns whether it was known."""
    removed = await services.remove(tx, service)
    tx.audit("service", service, before={"known": removed}, after={"known": False})
    return removed


async def service_token(tx: Tx, service: str, secret: str, issuer: TokenIssuer) -> str:
    """Return an access token for a service; raises ServiceRefused."""
    known, given = await services.secret_hashes(tx, service), hashed(secret)
    # Something is compared also where the service is unknown; no secret has an empty hash.
    matching = [one for one in known or [b""] if hmac.compare_digest(one, given)]
    if not matching:
        raise ServiceRefused
    return await issuer.issue(tx, service, "", ("service",), {}, OF_SERVICES)


def _facts(tenant: Tenant) -> dict[str, object]:
    """Return what the audit log keeps of a tenant; of an account, which is masked there, its end."""
    sellers = [{**asdict(seller), "iban": None, "account_ends": seller.iban[-8:]} for seller in tenant.sellers]
    return {"name": tenant.name, "sellers": sellers}


def _seller(seller: Seller, keys: dict[int, SubjectKey]) -> contract.Seller:
    return contract.Seller(
        seller=seller.id,
        legal_name=seller.legal_name,
        address=seller.address,
        vat_id=seller.vat_id,
        country=seller.country,
        bank_account=contract.BankAccount(iban=seller.iban, bic=seller.bic, payee=seller.payee),
        email=seller.email,
        telephone=seller.telephone,
        records_keys=[contract.RecordsKey(year=year, records=key) for year, key in sorted(keys.items())],
    )
