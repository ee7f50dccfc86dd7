"""Knowing which tenants are open."""

from typing import Final

from contracts.accounts import TenantOpened

from chassis.consuming.reactions import on
from chassis.db.tenants import record_tenants
from chassis.db.transaction import Tx


async def know_tenant(tx: Tx, opened: TenantOpened) -> None:
    """Know that a tenant is open; commands of the terminal that name a tenant refuse all others."""
    await record_tenants(tx, [opened.tenant])


TENANTS: Final = on(TenantOpened, know_tenant)
