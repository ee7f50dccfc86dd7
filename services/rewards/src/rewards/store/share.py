"""What rewards knows of a customer, for an export; codes of vouchers are not in it."""

from chassis.db import Tx
from chassis.exporting import Share, parsed, records
from contracts.exports import DataExportRequested

MEMBER = """
select member_id as member, erased_at
from customers
where tenant = $1
  and id = $2
"""

ENROLMENTS = """
select enrolled_at, left_at, market, language, time_zone
from enrolments
where tenant = $1
  and customer_id = $2
order by enrolled_at
"""

MEETINGS = """
select id as meeting, source, started_at, ended_at, participants, reported_at, verdict
from meetings
where tenant = $1
  and host_id = $2
order by started_at, id
"""

POINTS = """
select postings.id as posting, postings.kind, postings.points, postings.meeting_id as meeting, postings.rule_id as rule,
       postings.rule_version, postings.redemption_id as redemption, postings.reward_id as reward, postings.arithmetic,
       postings.posted_at
from customers
join postings on postings.tenant = customers.tenant and postings.member_id = customers.member_id
where customers.tenant = $1
  and customers.id = $2
order by postings.position
"""

LOTS = """
select lots.id as posting, lots.earned, lots.points, lots.remaining, lots.expired, lots.accrued_at, lots.expires_at,
       lots.reversed_at
from customers
join lots on lots.tenant = customers.tenant and lots.member_id = customers.member_id
where customers.tenant = $1
  and customers.id = $2
order by lots.accrued_at, lots.id
"""

REDEMPTIONS = """
select id as redemption, reward_id as reward, kind, points, destination, addressee, redeemed_at, fulfilled_at, failed_at
from redemptions
where tenant = $1
  and customer_id = $2
order by redeemed_at, id
"""


async def of_customer(tx: Tx, requested: DataExportRequested) -> Share:
    """Return a customer's meetings, points and rewards."""
    of = (requested.tenant, requested.customer)
    return Share(
        {
            "member": records(await tx.fetch(MEMBER, *of)),
            "enrolments": records(await tx.fetch(ENROLMENTS, *of)),
            "meetings": records(await tx.fetch(MEETINGS, *of)),
            "points": records(await tx.fetch(POINTS, *of)),
            "lots": records(await tx.fetch(LOTS, *of)),
            "redemptions": records(await tx.fetch(REDEMPTIONS, *of), destination=parsed, addressee=parsed),
        },
        ["Codes of vouchers are left out; the account shows them."],
    )
