"""All services in one process, in the place of one for each, on their ports and databases."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from journeys.download import download, sha256
from journeys.seller import Shop
from journeys.shops import GENERATED, KEYLESS
from journeys.suite import Suite, until
from journeys.trial.people import People
from journeys.trial.sale import buy
from stack import programs
from stack.processes import HOME_VARIABLE
from stack.services import SERVICES, SUITE

NAMES = [service.name for service in SERVICES]


@pytest.fixture(scope="module")
async def one_process(running: Suite) -> AsyncGenerator[Suite]:
    stack, state = running.stack, running.state
    await asyncio.gather(*(asyncio.to_thread(stack.stop, name) for name in NAMES))
    environment = os.environ | programs.suite_environment(state) | {HOME_VARIABLE: state.home, "LOG_LEVEL": "DEBUG"}
    with stack.log(SUITE).open("wb") as log:
        command = [*programs.PDEATHSIG, sys.executable, "-m", SUITE, "serve"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)

    async def ready() -> bool:
        assert process.returncode is None, stack.log(SUITE).read_text()
        return all([await running.call(name, "GET", running.admin(name, "/readyz")) for name in NAMES])

    try:
        await until(ready, "all services", 120)
        yield running
        process.terminate()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await asyncio.gather(*(asyncio.to_thread(stack.start, name) for name in NAMES))


@pytest.mark.torture
async def test_a_whole_sale_runs_in_one_process_and_telemetry_names_each_service(
    one_process: Suite, shop: Shop, people: People
):
    stack, began = one_process.stack, time.time_ns()
    customer = await people.arrive()
    order = await buy(customer, {GENERATED: 1, KEYLESS: 1})
    await asyncio.to_thread(stack.stop, "mail-catcher")  # so that a service has something to log
    try:
        await customer.pay_by_card(order["order"])

        async def logged() -> bool:
            return any(line["service.name"] == "letters" for line in lines(one_process))

        await until(logged, "letters's log")
    finally:
        await asyncio.to_thread(stack.start, "mail-catcher")
    (mail,) = await customer.mailbox.wait(1, 90)
    for link in mail.links:
        body, landing = await download(shop.suite, link)
        assert sha256(body) == landing.sha256
    await customer.wait_for_state(order["order"], "delivered")

    metrics = {name: await one_process.call(name, "GET", one_process.admin(name, "/metrics")) for name in NAMES}
    assert of_route("/orders", metrics) == ["orders"]
    assert of_route("/sign-in", metrics) == ["accounts"]
    paid = [
        name
        for name, text in metrics.items()
        if 'kontor_events_handled_total{outcome="done",topic="OrderPaid"}' in text
    ]
    assert {"delivery", "licensing", "letters"} <= {*paid}
    assert not {"catalog", "accounts"} & {*paid}
    assert all("\nkontor_outbox_rows " in text for text in metrics.values())

    async def traced() -> bool:
        return all(spans(one_process, name) for name in ("orders", "payments", "delivery", "letters"))

    await until(traced, "spans")
    for name in NAMES:
        assert {span["service.name"] for span in spans(one_process, name)} <= {name}
    await until(lambda: is_one_trace(one_process, began), "the sale as one trace")
    for line in lines(one_process):
        package = line["otel.scope.name"].partition(".")[0].replace("_", "-")
        assert line["service.name"] == package if package in NAMES else line["service.name"] in (*NAMES, SUITE)


def of_route(path: str, metrics: dict[str, str]) -> list[str]:
    return [
        name
        for name, text in metrics.items()
        if f'kontor_http_request_duration_seconds_count{{method="POST",route="{path}"' in text
    ]


def spans(suite: Suite, name: str) -> list[dict[str, Any]]:
    file = suite.stack.home / "logs" / f"{name}.spans.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def is_one_trace(suite: Suite, began: int) -> bool:
    """Return whether the traces since then reach from the order to the letter, each a tree of well-named spans."""
    found = [one for name in NAMES for one in spans(suite, name) if one["start_ns"] > began]
    ordered = {one["trace_id"] for one in found if one["name"] == "POST /orders"}
    sale = {one["span_id"]: one for one in found if one["trace_id"] in ordered}
    parents = [(one, sale.get(one["parent_span_id"])) for one in sale.values()]
    roots = [one["name"] for one, parent in parents if parent is None]
    led = {(parent["name"], one["name"]) for one, parent in parents if parent is not None}
    kinds = {(one["name"].partition(" ")[0], one["kind"]) for one in sale.values()}
    return (
        roots == ["POST /orders"]
        and {("POST /orders", "send OrderPlaced"), ("send OrderPlaced", "process OrderPlaced")} <= led
        and {("send DownloadGranted", "process DownloadGranted"), ("send e-mails", "send EmailSent")} <= led
        and {("POST", "SERVER"), ("process", "CONSUMER")} <= kinds
    )


def lines(suite: Suite) -> list[dict[str, Any]]:
    text = suite.stack.log(SUITE).read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
