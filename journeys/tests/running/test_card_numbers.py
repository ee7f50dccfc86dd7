"""A card number that is pasted anywhere appears in no log, table or topic (F-P30)."""

import json
import re
import secrets
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from journeys.customer import Customer
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS, SERIALS
from journeys.statement import Credit, camt053
from journeys.suite import Suite, until
from journeys.trial.people import People
from journeys.trial.sale import written
from stack.services import SERVICES

CARD = "5555555555554444"
SPACED = "5555 5555\u00a05555-4444"
ESCAPED = "\\u0035" + CARD[1:]
REFUSED = "/problems/card-number"
STAFF = ("sales", "files", "support", "bookkeeping", "reviewer", "operator", "administrator")
# What is compared and then forgotten, and may look like a card number: a serial of sixteen digits.
KEPT_NOWHERE = {("licensing", path, "body.license_key") for path in ("/validate", "/activations", "/deactivations")}
# One of these fits every parameter of a path.
FITTING = (str(uuid4()), "KONTOR-1", "kontor", "A" * 43, "a" * 64, "1", "de", "2026-01-01")
GAPS = re.compile(r"[\s.\u00a0\u2000-\u2015\u202f-]")


@dataclass(frozen=True)
class Operation:
    """One operation of a service's description."""

    service: str
    method: str
    path: str
    described: dict[str, Any] = field(repr=False)
    schemas: dict[str, Any] = field(repr=False)

    @property
    def roles(self) -> list[str]:
        return self.described.get("x-roles", ["customer"] if self.described.get("security") else [])

    @property
    def body(self) -> dict[str, Any] | None:
        content = self.described.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("schema")

    def parameters(self, where: str) -> dict[str, dict[str, Any]]:
        return {one["name"]: one["schema"] for one in self.described["parameters"] if one["in"] == where}

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        several = [one for one in schema.get("anyOf", schema.get("oneOf", [])) if one.get("type") != "null"]
        # where a field may be one thing or another, the one with fields of its own
        return self.resolved(sorted(map(self.resolved, several), key=_weight)[-1]) if several else schema

    def address(self, **replaced: str) -> str:
        def one(match: re.Match[str]) -> str:
            name = match[1]
            return replaced.get(name) or fitting(self.resolved(self.parameters("path")[name]))

        return re.sub(r"\{(\w+)[^}]*\}", one, self.path)


def _weight(schema: dict[str, Any]) -> int:
    return ["object", "array"].index(schema["type"]) + 1 if schema.get("type") in ("object", "array") else 0


def fitting(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "integer":
        return "1"
    fits = re.compile(schema.get("pattern", ""))
    longest = schema.get("maxLength", 200)
    return next(one for one in FITTING if fits.search(one) and len(one) <= longest)


def filled(operation: Operation, schema: dict[str, Any], value: Any, at: str, locations: list[str]) -> Any:
    """A body which has the card number in every field that takes a text or a number, and where those are."""
    if "x-kept-nowhere" in schema:
        assert (operation.service, operation.path, at) in KEPT_NOWHERE
        return "kept nowhere"
    found = operation.resolved(schema)
    match found.get("type"):
        case "object":
            named = {
                name: filled(operation, inner, value, f"{at}.{name}", locations)
                for name, inner in found.get("properties", {}).items()
            }
            other = found.get("additionalProperties")
            if isinstance(other, dict):
                inner = cast("dict[str, Any]", other)
                named["x"] = filled(operation, inner, value, f"{at}.(unknown field)", locations)
            return named
        case "array":
            return [filled(operation, found["items"], value, f"{at}.0", locations)]
        case "boolean":
            return True
        case _:
            locations.append(at)
            return value


@pytest.fixture(scope="module")
async def operations(running: Suite) -> list[Operation]:
    found: list[Operation] = []
    for service in SERVICES:
        document = await running.call(service.name, "GET", running.admin(service.name, "/openapi.json"))
        found += [
            Operation(service.name, method.upper(), path, described, document["components"]["schemas"])
            for path, methods in document["paths"].items()
            for method, described in methods.items()
        ]
    assert len(found) > 60
    return found


class Caller:
    """Asks with the token of a role that is admitted."""

    def __init__(self, suite: Suite, tokens: dict[str, str]) -> None:
        self.suite, self.tokens = suite, tokens

    async def ask(self, operation: Operation, address: str, **how: Any) -> tuple[int, str]:
        roles = operation.roles
        token = next((self.tokens[role] for role in roles if role in self.tokens), None)
        assert token or not roles, operation
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = self.suite.url(operation.service, address)
        async with self.suite.http.request(operation.method, url, headers=headers, allow_redirects=False, **how) as got:
            return got.status, await got.text()


@pytest.fixture
async def caller(shop: Shop, people: People) -> Caller:
    everything = Staff(shop.suite, shop.tenant, STAFF, f"{secrets.token_hex(4)}@kontor.example", "Alle Ämter")
    await everything.hire()
    customer: Customer = await people.arrive()
    unproven = people.newcomer()
    await unproven.register()
    await unproven.sign_in()
    secret = (Path(shop.suite.state.home) / "secrets" / "orders").read_text().strip()
    service = await shop.suite.call("accounts", "POST", "/service-token", json={"service": "orders", "secret": secret})
    tokens = dict.fromkeys(STAFF, everything.token) | {"customer": customer.token, "confirming": unproven.token}
    return Caller(shop.suite, tokens | {"service": service["access_token"]})


def faults(text: str) -> tuple[str, set[str]]:
    problem = json.loads(text)
    return problem["type"], {fault["at"] for fault in problem.get("faults", [])}


async def test_F_P30_every_field_of_every_body_refuses_a_card_number(
    shop: Shop, operations: list[Operation], caller: Caller
):
    asked = 0
    for operation in operations:
        if operation.body is None:
            continue
        for form in (CARD, SPACED, int(CARD), ESCAPED):
            locations: list[str] = []
            body = json.dumps(filled(operation, operation.body, form, "body", locations)).replace("\\\\u", "\\u")
            if not locations:
                continue
            status, text = await caller.ask(operation, operation.address(), data=body)
            assert (status, *faults(text)) == (422, REFUSED, set(locations)), operation
            assert not shown(text), operation
            asked += len(locations)
    assert asked > 200
    await assert_nowhere(shop.suite)


async def test_F_P30_every_parameter_refuses_a_card_number(shop: Shop, operations: list[Operation], caller: Caller):
    for operation in operations:
        query = operation.parameters("query")
        for form in (CARD, SPACED):
            if query:
                status, text = await caller.ask(operation, operation.address(), params=dict.fromkeys(query, form))
                assert (status, *faults(text)) == (422, REFUSED, set(query)), operation
                assert not shown(text), operation
            for name in operation.parameters("path"):
                status, text = await caller.ask(operation, operation.address(**{name: form}))
                assert status in (404, 422), operation
                assert not shown(text), operation
    await assert_nowhere(shop.suite)


async def test_F_P30_a_card_number_in_a_file_a_statement_or_a_command_appears_nowhere(shop: Shop):
    files = {"Content-Type": "application/octet-stream"}
    for path in (f"/skus/{KEYLESS}/files/{CARD}.zip", f"/skus/{KEYLESS}/files/a.zip?version={CARD}"):
        await shop.seller.ask("delivery", "PUT", path, data=b"x", headers=files, expect=422)
    named = {"Content-Type": f"application/{CARD}"}
    await shop.seller.ask("delivery", "PUT", f"/skus/{KEYLESS}/files/a.zip", data=b"x", headers=named, expect=422)
    serials = {"Content-Type": "text/csv"}
    await shop.seller.ask("licensing", "POST", f"/skus/{SERIALS}/serials", data=CARD.encode(), headers=serials)
    iban = await account_of(shop)
    wrote = Credit(4711, CARD, debtor=f"Max {SPACED}")
    sent = {"Content-Type": "application/xml"}
    booked = camt053(iban, [wrote]).replace(b"</Strd>", f"</Strd><Ustrd>Karte {SPACED}</Ustrd>".encode())
    imported = await shop.bookkeeper.ask("payments", "POST", "/statements", data=booked, headers=sent)
    assert imported["matched"] == 0
    key = {"Idempotency-Key": CARD}
    await shop.seller.ask("orders", "POST", f"/orders/{uuid4()}/refunds", json={}, headers=key, expect=422)
    for words in (
        ("accounts", "staff", "add", "--tenant", shop.tenant, "--email", "a@b.example", "--name", SPACED),
        ("rewards", "load", __file__, "--tenant", CARD),
        ("licensing", "serials", "import", __file__, "--sku", CARD, "--tenant", shop.tenant),
    ):
        with pytest.raises(Exception, match="looks like a card number"):
            await shop.suite.stack_run(*words)
    await assert_nowhere(shop.suite)


async def account_of(shop: Shop) -> str:
    async def known() -> str:
        connection = await asyncpg.connect(shop.suite.state.databases["payments"])
        try:
            return await connection.fetchval("select iban from sellers where tenant = $1 limit 1", shop.tenant) or ""
        finally:
            await connection.close()

    return await until(known, "the seller's account")


def shown(text: str) -> bool:
    """Whether a text has the card number, with or without gaps, or as the bytes of a column."""
    return CARD in GAPS.sub("", text) or CARD.encode().hex() in text


async def assert_nowhere(suite: Suite) -> None:
    """No table, topic or log has the card number."""
    for service, url in suite.state.databases.items():
        async for table, text in rows(url):
            assert not shown(text), f"{service}.{table}"
    async for topic, content in records(suite.state.kafka):
        assert not shown(content.decode(errors="replace")), topic
    for file, text in written(Path(suite.state.home) / "logs"):
        assert not shown(text), file


async def rows(url: str) -> AsyncGenerator[tuple[str, str]]:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        )
        for schema, table in tables:
            found = await connection.fetch(f'select t::text from "{schema}"."{table}" t')
            yield f"{schema}.{table}", "\n".join(row[0] or "" for row in found)
    finally:
        await connection.close()


OTHERS = re.compile(r"__|t[0-9a-f]{8}\.")


async def records(kafka: str) -> AsyncGenerator[tuple[str, bytes]]:
    """Every record of every topic, but of those of tests beside this one, which go: key, value and headers."""
    consumer = cast("Any", AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None))
    await consumer.start()
    try:
        consumer.subscribe(sorted(topic for topic in await consumer.topics() if not OTHERS.match(topic)))
        await consumer.getmany(timeout_ms=0)
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while sum(ends.values()) > sum([await consumer.position(partition) for partition in ends]):
            for found in (await consumer.getmany(timeout_ms=200)).values():
                for record in found:
                    yield record.topic, b"\n".join(bytes_of(record))
    finally:
        await consumer.stop()


def bytes_of(record: Any) -> Iterator[bytes]:
    yield record.key or b""
    yield record.value or b""
    for name, value in record.headers:
        yield name.encode() + b"=" + (value or b"")
