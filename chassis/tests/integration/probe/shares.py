"""What the probe knows of somebody, for an export: the meetings it noted, and what a test has added."""

from uuid import UUID

from chassis.db import Tx
from chassis.exporting import Share, records
from contracts.exports import DataExportRequested

added: dict[UUID, Share] = {}

OF_HOST = """
select meeting, participants
from effects
where host = $1
order by position
"""


async def of_person(tx: Tx, requested: DataExportRequested) -> Share:
    """Return the meetings of a host, and what a test has added."""
    person = requested.customer
    more = added.get(person, Share({}))
    return Share({"meetings": records(await tx.fetch(OF_HOST, person)), **more.records}, more.notes)
