"""A customer registers."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chassis.db import Read, Tx
from chassis.identity import seal
from contracts.emails import EmailAddress

from accounts.domain.blind_index import BlindIndex
from accounts.domain.mailbox import site_of
from accounts.domain.people import CUSTOMER_ROLE, EmailTaken, TooManyRegistrations
from accounts.domain.purposes import CONTACT, PROFILE
from accounts.store import customers, logins, registrations
from accounts.usecases import confirming
from accounts.usecases.confirming import AddressConfirmation
from accounts.usecases.key_management import KeyManagement, email_hmac

DAY = timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class RegistrationsPerDay:
    """How many accounts may be opened in a day for one mailbox or by one customer, and from one network."""

    mailbox: int
    network: int


async def admit(
    tx: Tx,
    tenant: str,
    customer_id: UUID,
    email: str,
    network: str,
    index: BlindIndex,
    limits: RegistrationsPerDay,
    *,
    new: bool = False,
) -> None:
    """Record that an address is asked for, whose owner nobody knows yet.

    For a new account only those from the same network count: nobody elsewhere keeps the owner of a mailbox from
    registering. Raises TooManyRegistrations, EmailMalformed.
    """
    mailbox, network_hmac = index.mailbox(EmailAddress.read(email).mailbox), index.network(network)
    await registrations.lock(tx, tenant, mailbox)
    counts = await registrations.count(tx, tenant, customer_id, mailbox, network_hmac, tx.now - DAY)
    of_mailbox = counts.of_mailbox_here if new else counts.of_mailbox
    if max(of_mailbox, counts.of_customer) >= limits.mailbox or counts.of_network >= limits.network:
        raise TooManyRegistrations
    await registrations.add(tx, tenant, customer_id, mailbox, network_hmac, index.network(site_of(network)))


async def salt(read: Read, tenant: str, email: str, kms: KeyManagement) -> bytes:
    """Return the salt of whoever registers with an address: all have one, for a sign-in compares with all of them.

    Raises TenantUnknown and EmailMalformed.
    """
    return (await kms.blind_index(read, tenant)).salt(EmailAddress.read(email).compared)


async def remove_old(tx: Tx) -> bool:
    """Forget what was opened so long ago that nobody can ask for a code for it; returns whether there may be more.

    Until an account that nobody has confirmed is gone, its codes are counted for its mailbox.
    """
    return await registrations.remove_old(tx, tx.now - confirming.KEPT - DAY)


async def register(
    tx: Tx,
    new: Registration,
    network: str,
    kms: KeyManagement,
    limits: RegistrationsPerDay,
    confirmation: AddressConfirmation,
) -> UUID | EmailTaken:
    """Open an account, seal what is known to new keys, mail a code to its address, and return the customer's id.

    An address that nobody has confirmed is nobody's: each who registers with it gets an account and a code of their
    own, and the first to send the code back has it. That an address is taken is returned, so that whoever asks for many
    of them is counted. Raises TenantUnknown, TooManyRegistrations and EmailMalformed.
    """
    index = await kms.blind_index(tx, new.tenant)
    customer_id = tx.new_id()
    hashed_email = email_hmac(index, new.email)
    await admit(tx, new.tenant, customer_id, new.email, network, index, limits, new=True)
    sure = not confirmation.required
    login = (tx, new.tenant, customer_id, hashed_email, new.password_hash, [CUSTOMER_ROLE])
    if not await logins.add(*login, confirmed=sure):
        return EmailTaken()
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
    if sure:
        await confirming.welcome(tx, new.tenant, customer_id)
    elif await confirming.wait(tx, new.tenant, customer_id, limits.mailbox) == 0:
        await confirming.mail(tx, new.tenant, customer_id, kms)
    return customer_id
