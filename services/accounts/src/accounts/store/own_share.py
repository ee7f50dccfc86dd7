"""What accounts itself knows of a customer, for an export: no password's hash, no secret, no blind index."""

from typing import Any
from uuid import UUID

from chassis.db import Read
from chassis.exporting import parsed, records

PROFILE = """
select id as customer, market, language, keep_data, registered_at, deletion_asked_at, name_profile as name,
       email_profile as email
from customers
where tenant = $1
  and id = $2
"""

SESSIONS = """
select id as session, methods, began_at, used_at, expires_at, ended_at, end_reason, browser, system
from sessions
where tenant = $1
  and subject_id = $2
order by began_at, id
"""

PASSKEYS = """
select id as passkey, name, domain, synced, added_at, used_at
from passkeys
where tenant = $1
  and subject_id = $2
order by added_at, id
"""

FACTORS = """
select event, occurred_at
from factor_history
where tenant = $1
  and subject_id = $2
order by occurred_at, id
"""

CHANGES = """
select email_profile as email, expires_at
from email_changes
where tenant = $1
  and customer_id = $2
"""

ATTEMPTS = """
select outcome, attempted_at
from attempts
join logins on logins.tenant = attempts.tenant and logins.email_hmac = attempts.email_hmac
where logins.tenant = $1
  and logins.subject_id = $2
order by attempted_at, attempts.id
"""

NETWORKS = """
select used_at
from known_networks
where tenant = $1
  and subject_id = $2
order by used_at
"""

DEVICES = """
select browser, system, used_at, written_at
from known_devices
where tenant = $1
  and subject_id = $2
order by used_at, device_hmac
"""

ORDERS = """
select id as order, closed_at, contact_until
from orders
where tenant = $1
  and customer_id = $2
order by id
"""

EXPORTS = """
select id as export, requested_at, expires_at
from exports
where tenant = $1
  and customer_id = $2
order by requested_at, id
"""

ORGANISATIONS = """
select organisations.id as organisation, organisations.name, joined.role, joined.joined_at
from organisation_members as joined
join organisations on organisations.tenant = joined.tenant and organisations.id = joined.organisation_id
where joined.tenant = $1
  and joined.customer_id = $2
order by joined.joined_at, organisations.id
"""


async def of_customer(read: Read, tenant: str, customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Return the records of a customer, what is personal in boxes."""
    of = (tenant, customer_id)
    return {
        "account": records(await read.fetch(PROFILE, *of), name=parsed, email=parsed),
        "sessions": records(await read.fetch(SESSIONS, *of)),
        "passkeys": records(await read.fetch(PASSKEYS, *of), name=parsed),
        "second_factor": records(await read.fetch(FACTORS, *of)),
        "changes_of_address": records(await read.fetch(CHANGES, *of), email=parsed),
        "sign_ins": records(await read.fetch(ATTEMPTS, *of)),
        "known_networks": records(await read.fetch(NETWORKS, *of)),
        "known_devices": records(await read.fetch(DEVICES, *of)),
        "orders": records(await read.fetch(ORDERS, *of)),
        "organisations": records(await read.fetch(ORGANISATIONS, *of), name=parsed),
        "exports": records(await read.fetch(EXPORTS, *of)),
    }
