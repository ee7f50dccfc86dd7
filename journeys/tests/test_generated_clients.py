"""Clients that others' generators make of the descriptions: they compile, and can call every operation."""

import asyncio
import sys
from pathlib import Path

import pytest
from journeys.clients.calling import Caller, documents, operations
from journeys.clients.calls import CALLS
from journeys.clients.generated import compile_python, compile_typescript, in_python, in_typescript
from journeys.clients.knowledge import gather
from journeys.clients.python_client import PythonClient
from journeys.clients.typescript_client import call_in_typescript
from journeys.clients.typescript_client import in_typescript as calls_in_typescript
from journeys.seller import Shop


@pytest.mark.torture
async def test_clients_compile_and_call_every_operation(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    described = await documents(shop.suite)
    await asyncio.gather(in_python(tmp_path, described), in_typescript(tmp_path, described))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    compile_python()
    caller = Caller(PythonClient(shop.suite), operations(described), await gather(shop))
    for service, calls in CALLS:
        for call in calls:
            await caller.call(service, call)

    (tmp_path / "calls.ts").write_text(calls_in_typescript(caller.made, shop.suite.state.urls))
    await compile_typescript(tmp_path)
    answers = await call_in_typescript(tmp_path)
    assert len(answers) == len(caller.made)
    for one, (status, media_type, read) in zip(caller.made, answers, strict=True):
        one.operation.check(status, media_type)
        assert read or not media_type
