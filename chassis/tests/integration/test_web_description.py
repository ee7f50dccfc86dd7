"""A service describes its own routes and its own state."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from chassis.web.headers import guard
from chassis_testing import Harness
from jsonschema import Draft202012Validator

OPERATORS = ("/livez", "/readyz", "/metrics", "/docs", "/openapi.json")


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        node = cast("dict[str, Any]", value)
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from references(inner)


async def test_the_description_is_openapi_with_every_route_and_every_reference_resolves(probe: Harness):
    async with probe.admin("/openapi.json") as answer:
        document: dict[str, Any] = await answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["info"].keys() >= {"title", "version"}
    assert document["servers"] == [{"url": probe.settings.public_url}]  # not the operators' address
    routes = {(method, path) for path, item in document["paths"].items() for method in item}
    assert routes >= {("get", "/notes"), ("post", "/notes"), ("get", "/notes/{note}"), ("post", "/guesses")}
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.startswith("#/components/schemas/"), reference
        assert reference.rpartition("/")[2] in schemas, reference
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["responses"]
            for parameter in operation["parameters"]:
                assert parameter.keys() >= {"name", "in", "schema"}


async def test_a_field_with_a_default_is_not_asked_for_and_a_view_without_one_is_promised(probe: Harness):
    async with probe.admin("/openapi.json") as answer:
        schemas = (await answer.json())["components"]["schemas"]
    assert set(schemas["Write"]["required"]) == {"host", "text"}
    assert schemas["Write"]["additionalProperties"] is False
    assert set(schemas["NoteView"]["required"]) == {"id", "text", "size", "uses"}


async def test_a_creating_route_is_described_with_its_key_and_its_answer(probe: Harness):
    async with probe.admin("/openapi.json") as answer:
        document = await answer.json()
    operation = document["paths"]["/notes"]["post"]
    assert "201" in operation["responses"]
    assert operation["x-roles"] == ["customer"]
    assert [p["name"] for p in operation["parameters"]] == ["Idempotency-Key"]
    assert "note-used-up: This note has been used" in operation["responses"]["410"]["description"]


async def test_a_route_is_described_with_the_refusals_that_its_signature_tells_of(probe: Harness):
    async with probe.admin("/openapi.json") as answer:
        document = await answer.json()
    paths = document["paths"]
    assert set(paths["/wakes"]["post"]["responses"]) == {"204", "400", "408", "413", "415", "422", "4XX", "5XX"}
    assert set(paths["/notes/{note}"]["get"]["responses"]) == {"200", "401", "404", "422", "4XX", "5XX"}
    assert "410" not in paths["/words/{word}"]["get"]["responses"]
    used_up = {"type": "/problems/note-used-up", "status": 410, "title": "This note has been used as often as it may."}
    assert used_up in document["x-refusals"]


async def test_the_type_of_a_problem_is_an_address_that_explains_it(probe: Harness):
    for kind, status in (("note-used-up", 410), ("unauthenticated", 401)):
        async with probe.http.get(f"/problems/{kind}") as answer:
            explained = await answer.json()
            assert (answer.status, explained["type"], explained["status"]) == (200, f"/problems/{kind}", status)
    async with probe.http.get("/problems/4111111111111111") as answer:
        assert (answer.status, (await answer.json(content_type=None))["type"]) == (404, "/problems/not-found")


async def test_the_page_for_people_names_every_route_and_runs_no_script(probe: Harness):
    async with probe.admin("/docs") as answer:
        page = await answer.text()
        assert answer.content_type == "text/html"
    assert "Write a note and publish it." in page
    assert "<code>/notes/{note}</code>" in page
    assert "<script" not in page
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{allowed}'" in policy
    assert " style=" not in page


async def test_metrics_count_what_happens(probe: Harness):
    async with probe.admin("/metrics") as answer:
        text = await answer.text()
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name in ("outbox_age_seconds", "outbox_rows", "consumer_lag_seconds", "parked_events", "parked_age_seconds"):
        assert f"\nkontor_{name} " in text, name
    assert "kontor_dead_events_total" in text


async def test_clients_see_nothing_of_what_operators_see(probe: Harness):
    for path in OPERATORS:
        async with probe.http.get(path) as answer:
            assert (answer.status, (await answer.json(content_type=None))["type"]) == (404, "/problems/not-found")
        async with probe.admin(path) as answer:
            assert answer.status == 200


async def test_probes_are_content_while_all_is_well(probe: Harness):
    for path in ("/livez", "/readyz"):
        async with probe.admin(path) as answer:
            assert answer.status == 200, await answer.text()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/notes", 401), ("GET", "/livez", 200), ("GET", "/metrics", 200), ("GET", "/openapi.json", 200),
     ("GET", "/docs", 200), ("GET", "/problems/invalid", 200), ("GET", "/nothing", 404), ("TRACE", "/notes", 405)],
)  # fmt: skip
async def test_every_answer_states_what_a_browser_may_do_with_it(probe: Harness, method: str, path: str, status: int):
    url = probe.admin_url + path if path in OPERATORS else path
    async with probe.http.request(method, url, headers={"Origin": "https://elsewhere.example"}) as answer:
        assert answer.status == status
        assert not [name for name in answer.headers if name.startswith("Access-Control-")]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert all(part in policy for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"))
        assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize(
    ("public_url", "sent"),
    [("https://shop.example", "max-age=31536000; includeSubDomains"), ("http://localhost", None)],
)
async def test_a_service_behind_tls_is_reached_by_nothing_else(public_url: str, sent: str | None):
    app = web.Application()
    guard(app, public_url)
    app.freeze()
    response = web.Response(headers={"Referrer-Policy": "origin"})
    await app.on_response_prepare.send(make_mocked_request("GET", "/"), response)
    assert response.headers.get("Strict-Transport-Security") == sent
    assert response.headers["Referrer-Policy"] == "origin"
