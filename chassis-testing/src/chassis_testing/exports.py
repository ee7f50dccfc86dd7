"""An export as accounts asks a service for its share, with the key that opens the answer."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from chassis.identity.sealing import new_key_pair, open_box
from contracts.event import SubjectKey
from contracts.exports import DataExportRequested, DataShareExported

from chassis_testing.harness import Harness, until


class Export:
    """An export of a person's data: `request` is the event, `answer` waits for the share of the service."""

    def __init__(self, home: Harness, person: UUID, **changes: Any) -> None:
        self.home, self.id = home, uuid4()
        self.private, public = new_key_pair()
        now = home.clock.now()
        facts: dict[str, Any] = {
            "tenant": "kontor",
            "customer": person,
            "contact": uuid4(),
            "export": self.id,
            "requested_at": now,
            "expires_at": now + timedelta(days=7),
            "expected": [home.service.name],
            "sealed_to": SubjectKey(key=uuid4(), public=public),
        }
        self.request = DataExportRequested(**(facts | changes))

    async def parts(self) -> list[DataShareExported]:
        """Return the parts that are published so far, in their order."""
        published = await self.home.published(DataShareExported, at_least=0)
        return sorted((one for one in published if one.export == self.id), key=lambda one: one.part)

    async def answer(self) -> dict[str, Any]:
        """Return the share once all its parts are published."""

        async def whole() -> list[DataShareExported]:
            parts = await self.parts()
            return parts if parts and len(parts) >= parts[0].parts else []

        parts = await until(whole, what="the share")
        if [part.part for part in parts] != [*range(1, parts[0].parts + 1)]:
            raise AssertionError("the share has other parts than it names")
        return orjson.loads("".join(open_box(part.records, self.private) for part in parts))

    async def rested(self) -> None:
        """Let the lease of a request that failed end."""
        await self.home.sql("update chassis.exports set leased_until = null where id = $1", self.id)


async def exported(home: Harness, person: UUID, tenant: str = "kontor", **changes: Any) -> dict[str, Any]:
    """Ask for an export of a person's data, and return the share of the service."""
    export = Export(home, person, tenant=tenant, **changes)
    await home.publish(export.request)
    return await export.answer()
