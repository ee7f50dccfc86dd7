"""The probe's routes: each kind of database access, roles, limits, and a handler that acts outside."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from chassis.db import Begin, Once, Read, Tx
from chassis.identity.tokens import Caller
from chassis.web import KEPT_NOWHERE, Body, Listing, Page, Rate, Routes, RuleBroken, View, listing, not_found
from contracts.shared import MeetingLogged, MeetingStatus
from pydantic import Field, field_validator

from probe import script
from probe.domain import NoteChanged, NoteMissing, NoteUsedUp
from probe.jobs import WOKEN

MOMENT = datetime(2026, 11, 2, 9, tzinfo=UTC)

routes = Routes()


class Part(Body):
    """A part of a note."""

    weight: int = Field(ge=0, le=9)


class Write(Body):
    """A note to write."""

    host: UUID
    text: str = Field(min_length=1, max_length=100)
    size: int = Field(default=1, ge=1, le=2**31 - 1)
    labels: dict[str, int] = Field(default_factory=dict[str, int])
    parts: list[Part] = Field(default_factory=list[Part])


class Guess(Body):
    """A word."""

    word: str = Field(max_length=100)


class Trial(Body):
    """A secret that is compared and forgotten."""

    secret: str = Field(max_length=100, json_schema_extra=KEPT_NOWHERE)

    @field_validator("secret")
    @classmethod
    def _is_one(cls, secret: str) -> str:
        if secret == "no secret":
            raise RuleBroken("A secret does not say that it is none.")
        if secret.endswith("!"):
            raise ValueError(f"{secret} shouts")
        return secret


class NoteView(View):
    """A note."""

    id: UUID
    text: str
    size: int
    uses: int


def meeting(id_: UUID, host: UUID, participants: int = 2) -> MeetingLogged:
    """Return the event that a note's writing is published as."""
    return MeetingLogged(
        tenant="kontor",
        meeting=id_,
        source="probe",
        host=host,
        status=MeetingStatus.HELD,
        started_at=MOMENT,
        ended_at=MOMENT + timedelta(hours=1),
        participants=participants,
    )


SHOW = """
select id, text, size, uses
from notes
where tenant = $1
  and id = $2
  and owner = $3
"""


@routes.get("/notes/{note}")
async def show_note(read: Read, caller: Caller, note: UUID) -> NoteView:
    """Show one note of the caller."""
    row = await read.row(SHOW, caller.tenant, note, caller.subject)
    if row is None:
        raise not_found()
    return NoteView(**dict(row))


LIST = """
select id, text, size, uses
from notes
where tenant = $1
  and owner = $2
  and ($3::uuid is null or id > $3)
order by id
limit $4
"""


@routes.get("/notes")
async def list_notes(read: Read, caller: Caller, page: Page, after: UUID | None = None) -> Listing[NoteView]:
    """Show the caller's notes."""
    start = page.after(tuple[UUID])
    rows = await read.fetch(LIST, caller.tenant, caller.subject, start[0] if start else after, page.limit + 1)
    return listing(rows, page, lambda row: (row["id"],), lambda row: NoteView(**dict(row)))


WRITE = """
insert into notes (tenant, id, owner, text, size)
values ($1, $2, $3, $4, $5)
"""


@routes.post("/notes", creates=show_note, allow="customer")
async def write_note(tx: Tx, caller: Caller, body: Write) -> UUID | NoteUsedUp:
    """Write a note and publish it."""
    id_ = tx.new_id()
    await tx.execute(WRITE, caller.tenant, id_, caller.subject, body.text, body.size)
    tx.publish(meeting(id_, body.host))
    await script.play(body.host, tx)
    return NoteUsedUp() if body.text == "refuse" else id_


@routes.post("/letters", creates=show_note, allow="customer")
async def send_letter(begin: Begin, caller: Caller, body: Write) -> UUID:
    """Write a note after asking somebody outside."""
    await script.play(body.host)
    async with begin() as tx:
        id_ = tx.new_id()
        await tx.execute(WRITE, caller.tenant, id_, caller.subject, body.text, body.size)
    return id_


USE = """
update notes
set uses = uses + 1
where tenant = $1
  and id = $2
returning id, text, size, uses
"""


@routes.post("/notes/{note}/doom", allow="sales", fresh=timedelta(minutes=5))
async def doom_note(tx: Tx, caller: Caller, note: UUID) -> None:
    """Do to a note what hurts."""
    await tx.value("select 1")


@routes.post("/notes/{note}/uses", allow=("sales", "support"))
async def use_note(tx: Tx, caller: Caller, note: UUID) -> NoteView | NoteUsedUp | NoteMissing:
    """Use a note; the second use is refused and counted all the same."""
    row = await tx.row(USE, caller.tenant, note)
    if row is None:
        return NoteMissing()
    return NoteUsedUp() if row["uses"] > 1 else NoteView(**dict(row))


USE_ONCE = """
with written as (
  update notes
  set uses = uses + 1
  where tenant = $1
    and id = $2
    and uses = $3
  returning id
)
"""


@routes.post("/notes/{note}/quick-uses", allow="customer")
async def use_note_quickly(read: Read, once: Once, caller: Caller, note: UUID) -> NoteView | NoteChanged:
    """Use a note of the caller without a lock, and publish the use."""
    before = await show_note(read, caller, note)
    await script.play(note)
    written = await once.write(USE_ONCE, caller.tenant, note, before.uses, publish=(meeting(note, note),))
    return await show_note(read, caller, note) if written else NoteChanged()


FIND = """
select id, text, size, uses
from notes
where text = $1
"""


@routes.get("/words/{word}")
async def find_word(read: Read, word: str, also: str = "", number: Annotated[int, Field(le=9)] = 0) -> NoteView:
    """Find a note by its text."""
    for text in (word, also, str(number)):
        if row := await read.row(FIND, text):
            return NoteView(**dict(row))
    raise not_found()


@routes.post("/guesses", limit=Rate(calls=3, seconds=60))
async def guess(read: Read, body: Guess) -> NoteView:
    """Guess the text of a note."""
    row = await read.row(FIND, body.word)
    if row is None:
        raise NoteMissing
    return NoteView(**dict(row))


@routes.post("/wakes")
async def wake(tx: Tx, body: Guess) -> None:
    """Wake a job."""
    if body.word == WOKEN.name:
        tx.wake(WOKEN)


@routes.post("/trials")
async def try_secret(body: Trial) -> None:
    """Compare a secret and forget it."""


class NotLetIn(Exception):
    """This word opens nothing."""


@routes.post("/knocks", limit=Rate(calls=1, seconds=60))
async def knock(body: Guess) -> NotLetIn | None:
    """Refuse whoever knocks."""
    return NotLetIn()


ROUTES = Routes(routes, errors={NoteUsedUp: 410, NoteMissing: 404, NoteChanged: 409, NotLetIn: 401})
