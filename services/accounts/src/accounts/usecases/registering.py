"""A customer registers."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from chassis.identity.sealing import seal
from contracts.accounts import CustomerRegistered
from contracts.shared import CustomerKeys

from accounts.domain.people import CUSTOMER_ROLE, EmailTaken
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.store import customers, logins
from accounts.usecases.vault import Vault


@dataclass(frozen=True, slots=True)
class Registration:
    """What a customer says of themselves."""

    tenant: str
    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    name: str = field(repr=False)
    market: str
    language: str
    keep_data: bool


async def register(tx: Tx, said: Registration, vault: Vault) -> UUID:
    """Open an account, seal what is known to fresh keys, and say so; raises TenantUnknown or EmailTaken."""
    index = await vault.index(tx, said.tenant)
    customer = tx.new_id()
    mark = index.email(said.email)
    if not await logins.add(tx, said.tenant, customer, mark, said.password_hash, [CUSTOMER_ROLE]):
        raise EmailTaken
    profile = await vault.new_key(tx, said.tenant, PROFILE, str(customer))
    contact = await vault.new_key(tx, said.tenant, CONTACT, str(customer))
    boxes = customers.Boxes(
        name_profile=seal(said.name, profile, "name"),
        email_profile=seal(said.email, profile, "email"),
        name_contact=seal(said.name, contact, "name"),
        email_contact=seal(said.email, contact, "email"),
    )
    await customers.add(
        tx,
        said.tenant,
        customer,
        market=said.market,
        language=said.language,
        keep_data=said.keep_data,
        boxes=boxes,
    )
    await customers.add_name_marks(tx, said.tenant, customer, index.name(said.name))
    tx.publish(
        CustomerRegistered(
            tenant=said.tenant,
            customer=customer,
            registered_at=tx.now,
            market=said.market,
            language=said.language,
            keep_data=said.keep_data,
            keys=CustomerKeys(profile=profile, contact=contact),
            name=boxes.name_profile,
            email=boxes.email_contact,
        )
    )
    return customer
