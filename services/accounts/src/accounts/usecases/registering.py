"""A customer registers."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.accounts import CustomerRegistered
from contracts.shared import CustomerKeys

from accounts.domain.people import CUSTOMER_ROLE, EmailTaken
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.store import customers, logins
from accounts.usecases.key_management import KeyManagement


@dataclass(frozen=True, slots=True)
class Registration:
    """What a customer enters to register."""

    tenant: str
    email: str = field(repr=False)
    password_hash: str = field(repr=False)
    name: str = field(repr=False)
    market: str
    language: str
    keep_data: bool


async def register(tx: Tx, new: Registration, kms: KeyManagement) -> UUID:
    """Open an account, seal what is known to new keys, and return the customer's id.

    Raises TenantUnknown or EmailTaken, and EmailMalformed.
    """
    index = await kms.blind_index(tx, new.tenant)
    customer_id = tx.new_id()
    email_hmac = index.email(new.email)
    if not await logins.add(tx, new.tenant, customer_id, email_hmac, new.password_hash, [CUSTOMER_ROLE]):
        raise EmailTaken
    profile = await kms.new_key(tx, new.tenant, PROFILE, str(customer_id))
    contact = await kms.new_key(tx, new.tenant, CONTACT, str(customer_id))
    boxes = customers.Boxes(
        name_profile=seal(new.name, profile, "name"),
        email_profile=seal(new.email, profile, "email"),
        name_contact=seal(new.name, contact, "name"),
        email_contact=seal(new.email, contact, "email"),
    )
    await customers.add(
        tx,
        new.tenant,
        customer_id,
        market=new.market,
        language=new.language,
        keep_data=new.keep_data,
        boxes=boxes,
    )
    await customers.add_name_words(tx, new.tenant, customer_id, index.name(new.name))
    tx.publish(
        CustomerRegistered(
            tenant=new.tenant,
            customer=customer_id,
            registered_at=tx.now,
            market=new.market,
            language=new.language,
            keep_data=new.keep_data,
            keys=CustomerKeys(profile=profile, contact=contact),
            name=boxes.name_profile,
            email=boxes.email_contact,
        )
    )
    return customer_id
