"""Opening conversations: with an order by themselves, before one when the customer asks to (MAIL-1, MAIL-2)."""

from dataclasses import replace
from uuid import UUID

from chassis.db import Read, Tx
from contracts.accounts import CustomerClaims, EmailChanged
from contracts.mail_relay import ConversationOpened
from contracts.orders import OrderPlaced

from mail_relay.domain.alias import Domains, Side, new_local_part
from mail_relay.domain.conversation import Conversation, ConversationUnknown, SellerUnknown, SellerUnreachable
from mail_relay.domain.policy.handling import Coverage
from mail_relay.store import claims, conversations, policies, sellers


async def open_for_order(tx: Tx, placed: OrderPlaced, domains: Domains) -> None:
    """Open a conversation about an order, or let what was written before it go on as that.

    Where the policy at the time of the order covers first contacts alone, it does neither (K4).
    """
    if (await policies.in_force(tx, placed.tenant, placed.ordered_at)).coverage is Coverage.FIRST_CONTACT:
        return
    await conversations.take_turn(tx, placed.tenant, placed.customer, placed.seller)
    await claims.add_order(tx, placed)
    if await conversations.of_order(tx, placed.tenant, placed.order) is not None:
        return
    earlier = await conversations.first_contact(tx, placed.tenant, placed.customer, placed.seller)
    if earlier is not None:
        await conversations.join(tx, placed.tenant, earlier.id, placed.order, placed.order_number)
        _publish(tx, replace(earlier, order_id=placed.order, order_number=placed.order_number), domains)
        return
    opened = Conversation(
        tenant=placed.tenant,
        id=tx.new_id(),
        seller=placed.seller,
        customer_id=placed.customer,
        contact=(placed.keys.contact.key, placed.keys.contact.public),
        name_box=str(placed.name_contact),
        email_box=str(placed.email_contact),
        language=placed.language,
        order_id=placed.order,
        order_number=placed.order_number,
        sku=None,
        opened_at=tx.now,
        messages=0,
        aliases=_aliases(),
        desks=_aliases(),
    )
    await conversations.add(tx, opened)
    _publish(tx, opened, domains)


async def open_first_contact(
    tx: Tx, tenant: str, customer_id: UUID, claims: CustomerClaims, seller: str, sku: str | None, domains: Domains
) -> Conversation:
    """Return the conversation of a customer with a seller without an order; it is opened where there is none.

    Raises SellerUnknown, SellerUnreachable.
    """
    known = await sellers.find(tx, tenant, seller)
    if known is None:
        raise SellerUnknown
    if known[1] is None:
        raise SellerUnreachable
    await conversations.take_turn(tx, tenant, customer_id, seller)
    found = await conversations.first_contact(tx, tenant, customer_id, seller)
    if found is not None:
        return found
    opened = Conversation(
        tenant=tenant,
        id=tx.new_id(),
        seller=seller,
        customer_id=customer_id,
        contact=(claims.keys.contact.key, claims.keys.contact.public),
        name_box=str(claims.name_contact),
        email_box=str(claims.email_contact),
        language=claims.language,
        order_id=None,
        order_number=None,
        sku=sku,
        opened_at=tx.now,
        messages=0,
        aliases=_aliases(),
        desks=_aliases(),
    )
    await conversations.add(tx, opened)
    _publish(tx, opened, domains)
    return opened


async def set_closed(tx: Tx, found: Conversation, side: Side, *, closed: bool) -> None:
    """Close a side's alias: the other side's messages are refused from then on; or open it again."""
    tx.audit(
        "conversation", found.id, before={f"{side}_closed": side in found.closed}, after={f"{side}_closed": closed}
    )
    await conversations.set_closed(tx, found.tenant, found.id, side, closed=closed)


async def readdress(tx: Tx, changed: EmailChanged) -> None:
    """Write to a customer at the confirmed address from now on; nobody else writes for them."""
    await conversations.readdress(tx, changed.tenant, changed.email_contact.key, str(changed.email_contact))


async def of_tenant(read: Read, tenant: str, conversation_id: UUID) -> Conversation:
    """Return a conversation of a tenant. Raises ConversationUnknown."""
    found = await conversations.find(read, tenant, conversation_id)
    if found is None:
        raise ConversationUnknown
    return found


async def of_customer(read: Read, tenant: str, customer_id: UUID, conversation_id: UUID) -> Conversation:
    """Return a customer's own conversation. Raises ConversationUnknown."""
    found = await conversations.find(read, tenant, conversation_id)
    if found is None or found.customer_id != customer_id:
        raise ConversationUnknown
    return found


def _aliases() -> dict[Side, str]:
    return {side: new_local_part() for side in Side}


def _publish(tx: Tx, opened: Conversation, domains: Domains) -> None:
    domain = domains.of(opened.tenant)
    tx.publish(
        ConversationOpened(
            tenant=opened.tenant,
            conversation=opened.id,
            seller=opened.seller,
            order=opened.order_id,
            buyer_writes_to=domain.address(opened.aliases[Side.SELLER]),
            seller_writes_to=domain.address(opened.aliases[Side.BUYER]),
            opened_at=opened.opened_at,
        )
    )
