"""Orders are found by their company and by the name on their invoice: the words are kept as keyed hashes alone."""

from collections.abc import Sequence

from chassis.db import Tx
from contracts.event import Sealed
from contracts.orders import OrderPlaced
from pydantic import BaseModel, ValidationError

from accounts.domain.blind_index import BlindIndex
from accounts.store import customers, order_words
from accounts.store.order_words import Word
from accounts.usecases.key_management import KeyManagement


class _Billed(BaseModel):
    """What of an address is looked for."""

    name: str


async def index(tx: Tx, placed: Sequence[OrderPlaced], kms: KeyManagement) -> int:
    """Let orders of customers who are not erased be found; safe to repeat. Returns how many words are new."""
    if not placed:
        return 0
    # locked, so that whoever is erased meanwhile leaves no word behind
    found = await customers.lock(tx, {(order.tenant, order.customer) for order in placed})
    alive = {(one.tenant, one.id) for one in found if one.erased_at is None}
    added = 0
    for tenant in sorted({tenant for tenant, _ in alive}):
        orders = [one for one in placed if one.tenant == tenant and (tenant, one.customer) in alive]
        added += await order_words.add(tx, tenant, await _words(tx, tenant, orders, kms))
    return added


async def _words(tx: Tx, tenant: str, orders: Sequence[OrderPlaced], kms: KeyManagement) -> list[Word]:
    blind = await kms.blind_index(tx, tenant)
    boxes = [box for one in orders for box in (one.company_profile, one.billing_address_records) if box is not None]
    texts = dict(zip(boxes, await kms.open_each(tx, tenant, boxes), strict=True))
    return [Word(word, one.order, one.customer) for one in orders for word in _of_order(one, texts, blind)]


def _of_order(order: OrderPlaced, texts: dict[Sealed, str | None], blind: BlindIndex) -> list[bytes]:
    company = texts.get(order.company_profile) if order.company_profile else None
    address = texts.get(order.billing_address_records)
    return blind.company(company or "") + blind.billed_name(_name(address or ""))


def _name(address: str) -> str:
    try:
        return _Billed.model_validate_json(address).name
    except ValidationError:
        return ""
