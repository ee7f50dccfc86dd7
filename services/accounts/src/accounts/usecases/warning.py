"""Letters of security: whoever has an account learns what has happened to it, for it may have been a thief."""

from typing import Any, TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.event import Sealed
from contracts.security import AccountEvent

from accounts.domain.device import Device
from accounts.domain.people import CUSTOMER_ROLE
from accounts.domain.purposes import CONTACT
from accounts.store import customers, logins, staff, subject_keys, tenants
from accounts.usecases.key_management import KeyManagement

NO_DEVICE = Device()


class Reader(TypedDict):
    """Who reads the letter: a customer, or staff, in which language, and where they work."""

    staff: bool
    page: str
    language: str
    name: Sealed
    email: Sealed


async def publish(
    tx: Tx,
    event: type[AccountEvent],
    tenant: str,
    subject_id: UUID,
    kms: KeyManagement,
    device: Device = NO_DEVICE,
    **more: Any,
) -> None:
    """Publish what has happened to an account, now or at `happened_at`; where nobody may be written to, nothing."""
    login, house = await logins.by_subject(tx, tenant, subject_id), await tenants.find(tx, tenant)
    if login is None or house is None or not login.confirmed:
        return
    reader = await (_customer if CUSTOMER_ROLE in login.roles else _staff)(tx, tenant, subject_id, kms)
    if reader is not None:
        what: dict[str, Any] = {"browser": device.browser, "system": device.system, **reader}
        what |= {"happened_at": tx.now, **more}
        tx.publish(event(tenant=tenant, holder=subject_id, shop=house.name, **what))


async def _customer(tx: Tx, tenant: str, customer_id: UUID, _: KeyManagement) -> Reader | None:
    customer = await customers.find(tx, tenant, customer_id)
    if customer is None or customer.boxes is None:
        return None
    boxes = customer.boxes
    return Reader(staff=False, page="", language=customer.language, name=boxes.name_contact, email=boxes.email_contact)


async def _staff(tx: Tx, tenant: str, member_id: UUID, kms: KeyManagement) -> Reader | None:
    """Return a member of staff, sealed to what letters may open: the key of staff itself is given to no service."""
    member = await staff.find(tx, tenant, member_id)
    opened = await kms.open(tx, tenant, [member.name, member.email]) if member else None
    if member is None or opened is None:
        return None
    keys = await subject_keys.of_subject(tx, tenant, str(member_id), (CONTACT,))
    key = keys.get(CONTACT) or await kms.new_key(tx, tenant, CONTACT, str(member_id))
    name, email = opened
    parts = urlsplit(member.page)
    page = f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""
    return Reader(
        staff=True,
        page=page,
        language=member.language,
        name=seal(name, key, "name"),
        email=seal(email, key, "email"),
    )
