"""What the relay knows of a customer, for an export: their conversations, and of each message how it is opened."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

from mail_relay.store import handed

ADDRESS = """
select email_box as email
from addresses
where tenant = $1
  and contact_key_id = $2
"""

CONVERSATIONS = """
select id as conversation, seller, order_id as order, order_number, sku, language, opened_at, readdressed_at,
       name_box as name, email_box as email
from conversations
where tenant = $1
  and customer_id = $2
order by opened_at, id
"""

# of the seller's messages, those that have reached the customer
MESSAGES = f"""{handed.SELECTED}
where conversations.tenant = $1
  and conversations.customer_id = $2
  and (messages.side = 'buyer' or messages.state in ('relayed', 'delivered'))
order by conversations.opened_at, conversations.id, messages.number
"""

CLAIMS = """
select claims.id as claim, claims.conversation_id as conversation, claims.order_id as order, claims.unit_ids as units,
       claims.reason, claims.state, claims.opened_at, claims.due_at, claims.outcome, claims.grounds, claims.granted,
       claims.decided_at, claims.ended_at
from conversations
join claims on claims.tenant = conversations.tenant and claims.conversation_id = conversations.id
where conversations.tenant = $1
  and conversations.customer_id = $2
order by claims.opened_at, claims.id
"""

OPTOUTS = """
select seller, opted_out_at
from optouts
where tenant = $1
  and customer_id = $2
order by opted_out_at, seller
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return what a customer and sellers wrote to each other, contents by their keys in boxes, and their cases."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "addresses": records(await tx.fetch(ADDRESS, requested.tenant, requested.contact), email=parsed),
            "conversations": records(await tx.fetch(CONVERSATIONS, *of), name=parsed, email=parsed),
            "messages": records(await tx.fetch(MESSAGES, *of), content_key=parsed, email=parsed),
            "claims": records(await tx.fetch(CLAIMS, *of)),
            "no_messages_wanted_of": records(await tx.fetch(OPTOUTS, *of)),
        },
        [
            "Messages are as you wrote them, or as you received them; what did not reach you is left out.",
            "Files attached to messages are named, not included.",
        ],
    )
