"""Statements are booked in portions (PAY-6)."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from payments.usecases import sealing, statements

from .camt import entry, imported, reasons, requested, statement, today
from .house import House

SHORT = (
    '<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>'
    "<AcctSvcrRef>{mark}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)


async def test_an_import_that_was_cut_off_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statements, "PORTION", 2)
    seal_payers, calls = sealing.seal_payers, [0]

    async def cut_off(*given: Any) -> list[str | None]:
        calls[0] += 1
        if calls[0] == 2:
            raise ConnectionError
        return await seal_payers(*given)

    monkeypatch.setattr(sealing, "seal_payers", cut_off)
    named = [await requested(house) for _ in range(5)]
    content = statement([entry("219.00", structured=reference) for _, reference in named])
    assert (await imported(house, content))[0] >= 500
    await house.harness.settled()
    assert [len(house.so_far("TransferReceived", order)) for order, _ in named] == [1, 1, 0, 0, 0]
    _, answer = await imported(house, content)
    assert (answer["entries"], answer["matched"], answer["review"]) == (5, 5, [])
    assert await imported(house, content) == (200, answer)
    await house.harness.settled()
    assert [len(house.so_far("TransferReceived", order)) for order, _ in named] == [1] * 5


async def test_the_same_file_many_times_at_once_is_booked_once(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statements, "PORTION", 2)
    order, reference = await requested(house)
    twice = entry("7.00", text="Danke", mark="TWICE-1")
    content = statement([twice, entry("219.00", structured=reference), entry("1.00"), entry("2.00"), twice])
    answers = await asyncio.gather(*(imported(house, content) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    status, answer = answers[0]
    assert (status, answer["entries"], answer["matched"]) == (200, 5, 1)
    assert reasons(answer) == ["no_reference"] * 3 + ["booked_before"]
    await house.harness.settled()
    assert len(house.so_far("TransferReceived", order)) == 1


@pytest.mark.torture
@pytest.mark.timeout(900)
async def test_fifty_thousand_entries_hold_nobody_up(house: House):
    tenant, account = f"t-{uuid4().hex[:8]}", "DE75512108001245126199"
    await house.open_tenant(tenant, account)
    named = [await requested(house, tenant=tenant) for _ in range(20)]
    texts = [f"Danke {at}" for at in range(50_000 - len(named))]
    entries = [SHORT.format(amount="1.00", mark=uuid4().hex, text=text, day=today()) for text in texts]
    for at, (_, reference) in enumerate(named):
        entries.insert(at * 2_400, SHORT.format(amount="219.00", mark=uuid4().hex, text=reference, day=today()))
    importing = asyncio.create_task(
        imported(house, statement(entries, account=account), **house.as_staff(tenant=tenant))
    )
    began, longest, checkouts = time.monotonic(), 0.0, 0
    while not importing.done():
        asked = time.monotonic()
        await house.opened(await house.placed())
        longest, checkouts = max(longest, time.monotonic() - asked), checkouts + 1
    status, answer = await importing
    print(f"{time.monotonic() - began:.1f} s; a checkout took {longest:.1f} s at most")  # noqa: T201 -- the time of a large file
    assert (status, answer["entries"], answer["matched"]) == (200, 50_000, 20)
    for order, _ in named:
        assert len(await house.published("TransferReceived", order)) == 1
    assert checkouts > 1
