"""Reviewers have the chain of the audit log verified, and see which row does not hold. PLT-19"""

from typing import Any
from uuid import uuid4

import pytest
from chassis_testing import Harness

NOTE = "insert into notes (tenant, id, owner, text, size) values ('kontor', $1, 'somebody', 'a note', 1)"


async def act(probe: Harness) -> None:
    id_ = uuid4()
    await probe.sql(NOTE, id_)
    headers = probe.bearer(probe.accounts.token(uuid4(), "sales"))
    async with probe.http.post(f"/notes/{id_}/uses", headers=headers) as answer:
        assert answer.status == 200


async def verified(probe: Harness, **query: int) -> Any:
    asked = {name: str(value) for name, value in query.items()}
    async with probe.http.get(
        "/audit/verification", params=asked, headers=probe.bearer(probe.accounts.token(uuid4(), "reviewer"))
    ) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_reviewers_have_the_chain_verified_a_part_at_a_time(probe: Harness):
    for _ in range(10):
        await act(probe)
    newest = await verified(probe, limit=4)
    head = newest["head"]
    assert (newest["after"], newest["until"], newest["faults"], newest["next"]) == (head - 4, head, [], None)
    position: int | None = 0
    while position is not None:
        part = await verified(probe, after=position, limit=3)
        assert part["faults"] == []
        assert (part["until"] == head) == (part["next"] is None)
        position = part["next"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("update chassis.audit set actor = 'x' where number = $1", "changed"),
        ("delete from chassis.audit where number = $1", "missing"),
        ("update chassis.audit set hash = sha256('x') where number = $1", "changed"),
    ],
)
async def test_reviewers_see_which_row_was_changed_or_taken_out(probe: Harness, change: str, kind: str):
    for _ in range(5):
        await act(probe)
    row = (await verified(probe))["head"] - 2
    kept = (await probe.sql("select * from chassis.audit where number = $1", row))[0]
    await probe.sql("alter table chassis.audit disable trigger audit_only_grows")
    try:
        await probe.sql(change, row)
        assert {"number": row, "kind": kind} in (await verified(probe))["faults"]
        await probe.sql("delete from chassis.audit where number = $1", row)
        values = ", ".join(f"${n}" for n in range(1, len(kept) + 1))
        await probe.sql(f"insert into chassis.audit values ({values})", *kept.values())
    finally:
        await probe.sql("alter table chassis.audit enable trigger audit_only_grows")
    assert (await verified(probe))["faults"] == []


async def test_only_reviewers_have_the_chain_verified(probe: Harness):
    for role in ("sales", "operator", "customer"):
        headers = probe.bearer(probe.accounts.token(uuid4(), role))
        async with probe.http.get("/audit/verification", headers=headers) as answer:
            assert answer.status == 403
