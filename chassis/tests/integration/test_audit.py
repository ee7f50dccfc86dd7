"""No act of staff or of an operator without its row, all in one chain, and what is done to it is found. PLT-19"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from chassis.audit import Head, published_heads, verify
from chassis.audit.chain import head_of, mark_of, rows
from chassis.db import Begin
from chassis.db.audit import COLUMNS, AuditRow, record
from chassis.identity.acting import Act, operator
from chassis.service import Terminal
from chassis.service.auditing import audit as audit_commands
from chassis.web.paging import cursor
from chassis_testing import Harness
from probe.settings import Settings
from typer.testing import CliRunner

NOTE = "insert into notes (tenant, id, owner, text, size) values ('kontor', $1, 'somebody', 'a note', 1)"
OPEN = "alter table chassis.audit disable trigger audit_only_grows, drop constraint audit_number_check"
ROWS_ABOUT = "select * from chassis.audit where object_id = $1 order by number"


async def note(probe: Harness) -> UUID:
    id_ = uuid4()
    await probe.sql(NOTE, id_)
    return id_


def staff(probe: Harness, subject: UUID, *roles: str) -> dict[str, str]:
    return probe.bearer(probe.accounts.token(subject, *(roles or ("sales",))))


async def use(probe: Harness, note_id: UUID, headers: dict[str, str]) -> int:
    async with probe.http.post(f"/notes/{note_id}/uses", headers=headers) as answer:
        return answer.status


@pytest.fixture
async def connection(probe: Harness) -> AsyncGenerator[Any]:
    """A connection whose transaction is rolled back, so that the log can be tampered with."""
    opened = await asyncpg.connect(probe.database_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


async def test_an_act_that_says_nothing_about_itself_has_its_row_and_others_acts_have_none(probe: Harness):
    who, what = uuid4(), await note(probe)
    assert await use(probe, what, staff(probe, who, "sales", "files")) == 200
    (row,) = await probe.sql(ROWS_ABOUT, str(what))
    facts = {name: row[name] for name in ("tenant", "actor", "permission", "operation", "kind", "purpose")}
    assert facts == {
        "tenant": "kontor",
        "actor": str(who),
        "permission": "sales",
        "operation": "POST /notes/{note}/uses",
        "kind": "note",
        "purpose": "",
    }
    customer = probe.bearer(probe.accounts.token(uuid4(), "customer"), **{"Idempotency-Key": uuid4().hex})
    before = await probe.sql("select count(*) from chassis.audit")
    async with probe.http.post("/notes", json={"host": str(uuid4()), "text": "a"}, headers=customer) as answer:
        assert answer.status == 201
    async with probe.http.get("/notes", headers=staff(probe, who)) as answer:
        assert answer.status == 200
    assert await use(probe, uuid4(), staff(probe, who)) == 404  # wrote nothing, though it tried
    assert await probe.sql("select count(*) from chassis.audit") == before


async def test_an_act_that_changes_nothing_says_so(probe: Harness, connection: Any):
    what = await note(probe)
    act = Act("somebody", "sales", "a test")
    await connection.execute("select from notes where id = $1 for update", what)
    assert await record(connection, act, [], probe.clock.now())
    assert await connection.fetchval("select after::text from chassis.audit order by number desc limit 1") == (
        '{"unchanged":true}'
    )
    await connection.execute("update notes set uses = uses + 1 where id = $1", what)
    assert await record(connection, act, [], probe.clock.now())
    assert await connection.fetchval("select after::text from chassis.audit order by number desc limit 1") == "{}"


async def test_acts_at_once_are_one_chain_without_a_fork_or_a_gap(probe: Harness, connection: Any):
    same, others = await note(probe), [await note(probe) for _ in range(25)]
    headers = [staff(probe, uuid4()) for _ in range(5)]
    answers = await asyncio.gather(*(use(probe, id_, headers[n % 5]) for n, id_ in enumerate([*others, *[same] * 25])))
    assert sorted(answers) == [200] * 26 + [410] * 24
    for id_, count in [(same, 25), *((id_, 1) for id_ in others)]:
        assert len(await probe.sql(ROWS_ABOUT, str(id_))) == count
    assert await verify(connection) == []


@pytest.mark.parametrize("change", ["update chassis.audit set actor = 'x'", "delete from chassis.audit"])
async def test_the_database_refuses_to_change_the_log(connection: Any, change: str):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change)


async def test_the_database_refuses_to_empty_the_log(connection: Any):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("truncate chassis.audit")


async def grown(probe: Harness, connection: Any) -> int:
    """Let there be ten rows more, and return the number of the first of them; the log is open to everybody."""
    ids = [await note(probe) for _ in range(10)]
    for id_ in ids:
        await use(probe, id_, staff(probe, uuid4()))
    await connection.execute(OPEN)
    return (await connection.fetchval("select max(number) from chassis.audit")) - 9


EACH_COLUMN = {
    **dict.fromkeys(
        ("tenant", "actor", "permission", "operation", "kind", "object_id", "purpose", "traceparent"), "'x'"
    ),
    "at": "at + interval '1 microsecond'",
    "before": "'{\"a\": 1}'",
    "after": "'{ }'",
    "request_id": "gen_random_uuid()",
    "hash": "sha256('x')",
}


def test_every_column_of_a_row_is_covered():
    assert EACH_COLUMN.keys() | {"number", "previous"} == {*COLUMNS, "hash"}


async def test_a_changed_value_is_found_and_its_row_named(probe: Harness, connection: Any):
    number = await grown(probe, connection) + 3
    for column, value in EACH_COLUMN.items():
        change = connection.transaction()
        await change.start()
        await connection.execute(f"update chassis.audit set {column} = {value} where number = {number}")
        assert (await verify(connection))[0] == f"row {number} was changed", column
        await change.rollback()
    assert await verify(connection) == []


async def test_a_removed_row_is_found_also_where_the_others_close_up(probe: Harness, connection: Any):
    first = await grown(probe, connection)
    await connection.execute("delete from chassis.audit where number = $1", first + 3)
    assert await verify(connection) == [f"row {first + 3} is missing"]
    await shift(connection, first + 3, -1)
    assert f"row {first + 3} was changed" in await verify(connection)


async def shift(connection: Any, after: int, by: int) -> None:
    """Give all rows behind one another number."""
    await connection.execute("update chassis.audit set number = -number where number > $1", after)
    await connection.execute("update chassis.audit set number = -number + $1 where number < 0", by)


async def test_a_row_put_in_between_is_found_though_its_own_hash_is_right(probe: Harness, connection: Any):
    first = await grown(probe, connection)
    found = [row async for row in rows(connection)]
    before, copied = found[first + 1], found[first + 2]
    await shift(connection, before[0].number, 1)
    forged = replace(copied[0], number=before[0].number + 1, actor="forged", previous=before[1])
    await connection.execute("alter table chassis.audit drop constraint audit_previous_key")
    await insert(connection, forged)
    assert f"row {forged.number + 1} was changed" in await verify(connection)


async def insert(connection: Any, row: AuditRow) -> None:
    values: Sequence[Any] = [getattr(row, name) for name in COLUMNS]
    marks = ", ".join(f"${n}" for n in range(1, len(COLUMNS) + 2))
    add = f"insert into chassis.audit ({', '.join(COLUMNS)}, hash) values ({marks})"
    await connection.execute(add, *values, row.hash)


async def test_two_rows_that_changed_places_are_found(probe: Harness, connection: Any):
    first = await grown(probe, connection)
    await connection.execute("update chassis.audit set number = -number where number in ($1, $2)", first, first + 4)
    await connection.execute("update chassis.audit set number = $1 + number where number < 0", 2 * first + 4)
    faults = await verify(connection)
    assert {f"row {first} was changed", f"row {first + 4} was changed"} <= set(faults)


async def test_a_row_written_anew_with_its_hash_is_found_by_the_next(probe: Harness, connection: Any):
    first = await grown(probe, connection)
    (row,) = [row async for row, _ in rows(connection) if row.number == first + 2]
    forged = replace(row, actor="forged")
    await connection.execute("delete from chassis.audit where number = $1", row.number)
    await insert(connection, forged)
    assert await verify(connection) == [
        f"row {row.number + 1} does not follow row {row.number}: one of them was replaced"
    ]


async def test_a_cut_off_end_and_a_log_written_anew_are_found_by_the_published_heads(probe: Harness, connection: Any):
    first = await grown(probe, connection)
    head = await head_of(connection)
    assert head is not None
    assert await verify(connection, {head}) == []
    await connection.execute("delete from chassis.audit where number > $1", first)
    assert await verify(connection) == []
    assert await verify(connection, {head}) == [f"rows {first + 1} to {first + 9} are missing: the end was cut off"]
    last = (await connection.fetchrow("select hash from chassis.audit order by number desc limit 1"))["hash"]
    assert await verify(connection, {Head(first, uuid4()), Head(first - 1, mark_of(last))}) == [
        f"row {first - 1} is not the one whose hash was published",
        f"row {first} is not the one whose hash was published",
    ]


async def test_a_log_that_was_cut_off_and_went_on_is_found_by_either_head(probe: Harness, connection: Any):
    await grown(probe, connection)
    head = await head_of(connection)
    assert head is not None
    for heads in ([head, Head(head.number, uuid4())], [Head(head.number, uuid4()), head]):
        assert await verify(connection, heads) == [f"row {head.number} is not the one whose hash was published"]


async def test_a_row_before_the_first_is_refused_and_found(probe: Harness, connection: Any):
    row = "(0, '', now(), '', '', '', '', '', '', '{}', '{}', gen_random_uuid(), '', 'x', 'x')"
    with pytest.raises(asyncpg.CheckViolationError):
        async with connection.transaction():
            await connection.execute(f"insert into chassis.audit values {row}")
    await grown(probe, connection)
    await connection.execute(f"insert into chassis.audit values {row}")
    assert await verify(connection) == ["row 0 was put in: the first one is row 1"]


def test_heads_are_read_out_of_a_log_among_whatever_stands_there():
    mark = uuid4()
    line = b'{"body": "head of the audit log", "service.name": "%s", "number": 7, "mark": "%s"}'
    lines = [line % (b"probe", str(mark).encode()), line % (b"other", str(mark).encode()), b"{}", line[:60], b"\xff\n"]
    assert published_heads(lines, "probe") == {Head(7, mark)}


async def test_an_operators_act_bears_the_account_and_host_and_the_command_shows_it(
    probe: Harness, monkeypatch: pytest.MonkeyPatch
):
    for name, value in probe.settings.model_dump(mode="json", exclude_none=True).items():
        monkeypatch.setenv(name.upper(), str(value))
    terminal, id_ = Terminal("probe", Settings), uuid4()

    async def work(begin: Begin) -> None:
        async with begin() as tx:
            await tx.execute(NOTE, id_)
            tx.audit("note", id_, after={"text": "to erika@example.org", "size": 1}, tenant="kontor")

    await asyncio.to_thread(terminal.run, work)
    (row,) = await probe.sql(ROWS_ABOUT, str(id_))
    assert (row["actor"], row["permission"], row["tenant"]) == (operator(), "operator", "kontor")
    assert row["after"] == '{"size":1,"text":"to ***"}'
    app = audit_commands(terminal)
    shown = await asyncio.to_thread(CliRunner().invoke, app, ["list", "--since", "2020-01-01", "--limit", "1"])
    assert f"{operator()} (operator)  command  note {id_}" in shown.output
    checked = await asyncio.to_thread(CliRunner().invoke, app, ["verify"])
    assert "the audit log is as it was written" in checked.output


async def test_reviewers_find_acts_by_who_what_object_and_time_a_page_at_a_time(probe: Harness):
    who, ids = uuid4(), [await note(probe) for _ in range(3)]
    for id_ in ids:
        await use(probe, id_, staff(probe, who))
    reviewer = staff(probe, uuid4(), "reviewer")

    async def listed(**sought: str) -> tuple[list[str], str | None]:
        async with probe.http.get("/audit", params=sought, headers=reviewer) as answer:
            assert answer.status == 200, await answer.text()
            page = await answer.json()
            return [item["object"] for item in page["items"]], page["next"]

    newest, more = await listed(actor=str(who), limit="2")
    assert newest == [str(ids[2]), str(ids[1])]
    assert more is not None
    assert await listed(actor=str(who), limit="2", cursor=more) == ([str(ids[0])], None)
    assert await listed(object=str(ids[1]), operation="POST /notes/{note}/uses") == ([str(ids[1])], None)
    assert await listed(actor=str(who), since="2199-01-01T00:00:00Z") == ([], None)
    assert await listed(actor=str(who), until="2020-01-01T00:00:00Z") == ([], None)
    other = probe.bearer(probe.accounts.token(uuid4(), "reviewer", tenant="other"))
    async with probe.http.get("/audit", params={"actor": str(who)}, headers=other) as answer:
        assert (await answer.json())["items"] == []
    async with probe.http.get("/audit", headers=staff(probe, who)) as answer:
        assert answer.status == 403
    far = cursor(2**63)
    for path, body in ((f"/audit?cursor={far}", None), (f"/audit/{2**63}/opening", {"purpose": "of a test"})):
        async with probe.http.request("POST" if body else "GET", path, json=body, headers=reviewer) as answer:
            assert answer.status in {400, 404}
