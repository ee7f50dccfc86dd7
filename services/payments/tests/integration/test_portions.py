"""Statements are booked in portions (PAY-6)."""

import asyncio
from typing import Any

import pytest
from payments.usecases import statements

from .camt import entry, imported, reasons, requested, statement
from .house import House


async def test_an_import_that_was_cut_off_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(statements, "PORTION", 2)
    seal_payers, calls = statements.seal_payers, [0]

    async def cut_off(*given: Any) -> list[str | None]:
        calls[0] += 1
        if calls[0] == 2:
            raise ConnectionError
        return await seal_payers(*given)

    monkeypatch.setattr(statements, "seal_payers", cut_off)
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
