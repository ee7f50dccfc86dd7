"""Orders, as far as delivering needs to know them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Order:
    """A paid order: what every event of its sale carries, and how its customer is reached.

    `contact` is the customer's public key as JSON, `organisation_id` for which they bought, if for one.
    """

    tenant: str
    id: UUID
    channel: str
    market: str
    seller: str
    number: str
    ordered_at: datetime
    customer_id: UUID
    language: str
    contact: str
    organisation_id: UUID | None = None
