"""Reading everything that is known of an order's money."""

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx
from pydantic import TypeAdapter

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Payment
from payments.domain.refunds import Refund, Repayment
from payments.store import orders, payments, refunds

HEARD = """
select
from notices
where tenant = $1
  and event = $3
"""

WAITING = """
select
from notices
where tenant in ($1, '')
  and intent = $4
  and facts is not null
"""

# One statement instead of eight: a ledger is read whenever anything is heard of its order.
LOAD = f"""
select json_build_object(
  'order', (select row_to_json(rows) from ({orders.FACTS}) as rows),
  'payments', (select coalesce(json_agg(rows), '[]') from ({payments.OF_ORDER}) as rows),
  'refunds', (select coalesce(json_agg(rows), '[]') from ({refunds.OF_ORDER}) as rows),
  'repayments', (select coalesce(json_agg(rows), '[]') from ({refunds.REPAYMENTS}) as rows),
  'heard', exists({HEARD}),
  'waiting', exists({WAITING})
)::text
"""  # noqa: S608 -- made of the statements above and beside alone


@dataclass(frozen=True, slots=True)
class Standing:
    """A ledger as it is read, whether an event of the provider's was heard, and whether more waits for its intent."""

    order: Order | None
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    repayments: tuple[Repayment, ...]
    heard: bool
    waiting: bool

    @property
    def ledger(self) -> Ledger | None:
        """What is known of the order's money; None where the order was not heard of yet."""
        if self.order is None:
            return None
        return Ledger(self.order, self.payments, self.refunds, self.repayments, kept=self.payments)


STANDING = TypeAdapter(Standing)


async def load(tx: Tx, tenant: str, order: UUID) -> Ledger | None:
    """The ledger of an order that was heard of; who decides something by it has locked the order's story."""
    return (await stand(tx, tenant, order)).ledger


async def stand(tx: Tx, tenant: str, order: UUID, event: str | None = None, intent: str | None = None) -> Standing:
    """The same, with what is known of the provider's event and intent that are at hand."""
    return STANDING.validate_json(await tx.value(LOAD, tenant, order, event, intent))
