"""One trace from the request to what follows from it, and no customer's word in logs and spans."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from contracts.wire import Attributes, headers
from probe.around import records_of, site
from probe.web import meeting
from uuid_utils.compat import uuid7

TRACE = "0af7651916cd43dd8448eb211c80319c"
BREACH = "1af7651916cd43dd8448eb211c80319c"
SECRETS = ("Erika Musterfrau", "Musterfrau", "erika@example.org", "4111111111111111")


@dataclass(slots=True)
class Process:
    """The probe as a process of its own, with all it writes."""

    home: Harness
    url: str
    admin_url: str
    spans: Path
    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list[str])


@pytest.fixture(scope="module")
async def process(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Process]:
    directory = tmp_path_factory.mktemp("process")
    async with site(infrastructure, directory) as home:
        given = home.settings.model_dump(mode="json", exclude_none=True)
        environment = {name.upper(): str(value) for name, value in given.items()}
        spans = directory / "spans"
        environment |= {"SPANS_FILE": str(spans), "TRACES_SAMPLED": "1", "LOG_LEVEL": "DEBUG"}
        environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "probe", "serve"),
            env=os.environ | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        found = Process(home, "", "", spans, program)
        reading = asyncio.create_task(read(found))
        await until(lambda: named(found), timeout=20, what="the address")
        await until(lambda: ready(found), timeout=20, what="the probe to be ready")
        yield found
        if program.returncode is None:
            program.kill()
        await reading


async def read(found: Process) -> None:
    assert found.process.stdout is not None
    async for line in found.process.stdout:
        text = line.decode()
        found.lines.append(text)
        if "serves on" in text:
            found.url, found.admin_url = re.findall(r"http://[\d.:]+", text)


async def named(found: Process) -> bool:
    return bool(found.url)


async def ready(found: Process) -> bool:
    async with found.home.http.get(f"{found.admin_url}/readyz") as answer:
        return answer.status == 200


async def publish_a_breach(home: Harness) -> None:
    event = meeting(uuid4(), uuid4())
    named = headers(
        event, id=uuid7(), source="x", time=home.clock.now(), traceparent=f"00-{BREACH}-b7ad6b7169203331-01"
    )
    await home.publish_raw("MeetingLogged", event.record_key.encode(), b"{}", named)


async def test_one_trace_and_no_word_of_a_customer_and_a_clean_end(process: Process):  # F-A07 PLT-14
    home, http = process.home, process.home.http
    token = home.accounts.token(uuid4(), "customer")
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "Idempotency-Key": "k", **home.bearer(token)}
    body: dict[str, Any] = {"host": str(uuid4()), "text": "Erika Musterfrau, erika@example.org"}
    async with http.post(f"{process.url}/notes", json=body, headers=headers) as answer:
        assert answer.status == 201
    async with http.post(f"{process.url}/notes", json={**body, "text": SECRETS[3]}, headers=headers) as answer:
        assert answer.status == 422
    async with http.post(f"{process.url}/notes", json={**body, "size": SECRETS[3]}, headers=headers) as answer:
        assert answer.status == 422
    async with http.get(f"{process.url}/words/{SECRETS[0]}", params={"also": SECRETS[2]}) as answer:
        assert answer.status == 404
    async with http.get(f"{process.url}/words/x", params={"number": SECRETS[3]}) as answer:
        assert answer.status == 422
    broken: list[tuple[str, bytes | None]] = [
        ("ce_specversion", b"1.0"),
        ("ce_source", b"x"),
        ("ce_id", SECRETS[2].encode()),
    ]
    await home.publish_raw("MeetingLogged", SECRETS[0].encode(), b'{"host":"%s"}' % SECRETS[2].encode(), broken)
    await publish_a_breach(home)

    async def confirmed() -> list[Any]:
        return await records_of(home.infrastructure.kafka, f"{home.prefix}ErasureConfirmed")

    (confirmation,) = await until(confirmed, what="what follows from the request")
    ours = (Attributes.parse(confirmation.headers).traceparent or "").split("-")[1]
    assert ours != TRACE
    (published,) = (
        r
        for r in await records_of(home.infrastructure.kafka, f"{home.prefix}MeetingLogged")
        if len(r.headers) > 5 and r.value != b"{}"
    )
    assert (Attributes.parse(published.headers).traceparent or "").split("-")[1] == ours
    await home.settled()
    process.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.process.wait(), 10) == 0
    spans = [orjson.loads(line) for line in process.spans.read_text().splitlines()]
    mine = {span["name"]: span for span in spans if span["trace_id"] == ours}
    assert {"POST /notes", "send MeetingLogged", "process MeetingLogged"} <= mine.keys()
    assert [link["trace_id"] for link in mine["POST /notes"]["links"]] == [TRACE], (
        "the client's trace is linked, no more"
    )
    assert TRACE not in {span["trace_id"] for span in spans}
    (breach,) = (span for span in spans if span["trace_id"] == BREACH)
    assert (breach["name"], breach["status"]) == ("process MeetingLogged", "ERROR")
    assert breach["attributes"]["error.type"] == "contracts.wire.ContractViolation"
    written = "".join(process.lines) + process.spans.read_text()
    assert "an event is dead" in written
    assert [secret for secret in (*SECRETS, token) if secret in written] == []
    for line in process.lines:
        assert line.startswith("{") or "serves on" in line, line
