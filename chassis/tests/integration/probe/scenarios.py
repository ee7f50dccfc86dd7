"""What happens around a probe that is killed: before it starts, while it lives, and after it is back."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from chassis.config.clock import Clock
from chassis.db import Database
from chassis.identity import open_box
from chassis_testing import Harness
from chassis_testing.exports import Export
from chassis_testing.harness import until
from contracts.exports import DataShareExported
from contracts.shared import MeetingLogged

from probe.around import records_of
from probe.invariants import at_rest, firsts, whole
from probe.sending import large, limit, some

UNSENDABLE = """
insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, occurred_at)
values (gen_random_uuid(), 'MeetingLogged', 'held', 'MeetingLogged', $1, now())
"""
TASKS = "select tries, done from tasks"


@dataclass(slots=True)
class Scenario:
    """Several hosts, their meetings in order, and what is expected at the end."""

    home: Harness
    hosts: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(3)])
    steps: dict[UUID, list[str]] = field(default_factory=dict[UUID, list[str]])
    export: Export = field(init=False)

    @property
    def meetings(self) -> dict[UUID, list[MeetingLogged]]:
        return {host: some(host, 4) for host in self.hosts}

    @property
    def expected(self) -> dict[UUID, list[UUID]]:
        return {host: [event.meeting for event in events] for host, events in self.meetings.items()}

    async def before(self) -> None:
        pass

    async def during(self, url: str) -> None:
        del url

    async def after(self, url: str) -> None:
        del url
        await at_rest(self.home, self.expected)
        await whole(self.home, self.expected)


class Consuming(Scenario):
    """Events wait in Kafka when the probe starts."""

    async def before(self) -> None:
        await self.home.publish(*(event for events in zip(*self.meetings.values(), strict=True) for event in events))


class Failing(Consuming):
    """The first event of a host fails again and again, and then takes effect before those that wait behind it."""

    fails = ("fail", "fail", "fail", "fail")

    async def before(self) -> None:
        self.steps[self.meetings[self.hosts[0]][0].meeting] = list(self.fails)
        await Consuming.before(self)

    async def during(self, url: str) -> None:
        while True:
            self.home.shift_clock(600)
            await asyncio.sleep(0.2)


class GivenUp(Failing):
    """The event that fails is refused at last; a process killed before the commit has refused nothing."""

    fails = ("fail", "fail", "refuse")


class Sending(Scenario):
    """Rows wait in the outbox; the probe consumes what it publishes itself."""

    async def before(self) -> None:
        database = Database(self.home.database_url, "probe", Clock())
        await database.open()
        async with database.begin() as tx:
            await self.fill(tx.connection)
            tx.publish(*(event for events in zip(*self.meetings.values(), strict=True) for event in events))
        await database.close()

    async def fill(self, connection: Any) -> None:
        pass


class Refused(Sending):
    """One row is larger than any producer takes."""

    async def fill(self, connection: Any) -> None:
        await connection.execute(UNSENDABLE, b"x" * 2_000_000)

    async def after(self, url: str) -> None:
        await Scenario.after(self, url)
        rows = await self.home.sql("select refused from chassis.outbox")
        assert [row["refused"] for row in rows] == ["MessageSizeTooLargeError"]


class Singly(Sending):
    """The rows are too large to travel together."""

    @property
    def meetings(self) -> dict[UUID, list[MeetingLogged]]:
        return {self.hosts[0]: [large(self.hosts[0], number, 9_000) for number in range(8)]}

    async def before(self) -> None:
        await limit(self.home.infrastructure.kafka, f"{self.home.prefix}MeetingLogged", 20_000)
        await Sending.before(self)


class Asking(Scenario):
    """A client creates a note, and asks again under the same key after its connection broke."""

    path = "/notes"

    @property
    def expected(self) -> dict[UUID, list[UUID]]:
        return {}

    async def _post(self, url: str) -> tuple[int, Any]:
        token = self.home.accounts.token(self.hosts[0], "customer")
        headers = self.home.bearer(token, **{"Idempotency-Key": "the-same"})
        body = {"host": str(self.hosts[1]), "text": "a note"}
        async with self.home.http.post(f"{url}{self.path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def during(self, url: str) -> None:
        with pytest.raises(aiohttp.ClientError):
            await self._post(url)

    async def after(self, url: str) -> None:
        status, note = await self._post(url)
        assert status == 201
        assert [str(row["id"]) for row in await self.home.sql("select id from notes")] == [note["id"]]
        await at_rest(self.home, {self.hosts[1]: [UUID(note["id"])]})
        await whole(self.home, {self.hosts[1]: [UUID(note["id"])]})


class AskingOutside(Asking):
    """The handler leaves the house: its claim ends with the process that made it, and it is asked again."""

    path = "/letters"

    async def after(self, url: str) -> None:
        async def answered() -> bool:
            # a database notices a killed client only when it reads or writes again
            return (await self._post(url))[0] == 201

        await until(answered, what="an answer under the same key")
        status, note = await self._post(url)
        assert status == 201
        assert await self._post(url) == (201, note)
        assert 1 <= len(await self.home.sql("select 1 from notes")) <= 2


class StaffActing(Scenario):
    """A member of staff uses a note; of a use that was killed nothing is left, neither the act nor its row."""

    async def before(self) -> None:
        note = "insert into notes (tenant, id, owner, text, size) values ('kontor', $1, 'somebody', 'a note', 1)"
        await self.home.sql(note, self.hosts[0])

    async def during(self, url: str) -> None:
        with pytest.raises(aiohttp.ClientError):
            await self._use(url)

    async def after(self, url: str) -> None:
        assert [row["uses"] for row in await self.home.sql("select uses from notes")] == [0]
        assert not await self.home.sql("select 1 from chassis.audit where tenant = 'kontor'")
        assert await self._use(url) == 200
        assert len(await self.home.sql("select 1 from chassis.audit where tenant = 'kontor'")) == 1

    async def _use(self, url: str) -> int:
        staff = self.home.bearer(self.home.accounts.token(self.hosts[1], "sales"))
        async with self.home.http.post(f"{url}/notes/{self.hosts[0]}/uses", headers=staff) as answer:
            return answer.status


class ActingOutside(Scenario):
    """A task in the outside world is kept until it is answered."""

    async def before(self) -> None:
        await self.home.sql("insert into tasks (id) values ($1)", self.hosts[0])

    async def after(self, url: str) -> None:
        async def done() -> bool:
            return bool((await self.home.sql(TASKS))[0]["done"])

        await until(done, what="the task")
        row = (await self.home.sql(TASKS))[0]
        assert row["done"] == f"answer to {self.hosts[0]}"
        assert row["tries"] <= 2


class Exporting(Scenario):
    """Somebody asks for all that is known of them, and gets one whole share, which opens with the export's key."""

    async def before(self) -> None:
        self.export = Export(self.home, self.hosts[0])
        await self.home.publish(self.export.request)

    async def after(self, url: str) -> None:
        async def answered() -> bool:
            await self.export.rested()
            done = await self.home.sql("select 1 from chassis.exports where answered_at is not null")
            return bool(done) and not await self.home.sql("select 1 from chassis.outbox")

        await until(answered, timeout=40, what="the share")
        topic = f"{self.home.prefix}DataShareExported"
        records = firsts(await records_of(self.home.infrastructure.kafka, topic))
        (share,) = [DataShareExported.model_validate_json(record.value) for record in records]
        assert (share.part, share.parts) == (1, 1)
        assert '"meetings"' in open_box(share.records, self.export.private)


class Sweeping(Scenario):
    """A sweep that was killed leaves nothing, and the next one is whole."""

    async def after(self, url: str) -> None:
        async def more() -> bool:
            return len(await self.home.sql("select 1 from turns")) > 1

        assert not await self.home.sql("select 1 from turns where ended is null")
        await until(more, what="later turns")
