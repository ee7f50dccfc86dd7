"""Every service describes itself so that clients can be made from it: two validators agree, and nothing is left out."""

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiopenapi3 import OpenAPI
from chassis.web.openapi import describe
from openapi_spec_validator import OpenAPIV31SpecValidator
from stack.services import SERVICES

PROBLEM = "application/problem+json"
HTML, BYTES = "text/html", "application/octet-stream"


def described(package: str) -> dict[str, Any]:
    service = importlib.import_module(f"{package}.__main__").service
    names = service.name, service.description, service.routes, "https://kontor.example"
    return json.loads(json.dumps(describe(*names, shows_problems=service.doors.problem_page is not None)))


@pytest.fixture(params=[service.package for service in SERVICES])
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return described(request.param)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_two_validators_find_nothing(document: dict[str, Any]):
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    client = OpenAPI("http://localhost/", document)
    for _, operation in operations(document):
        assert client.createRequest(operation["operationId"])


def test_every_operation_has_a_name_of_its_own(document: dict[str, Any]):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)


def test_every_operation_says_what_it_answers_where_all_is_well(document: dict[str, Any]):
    for name, operation in operations(document):
        good = {status: answer for status, answer in operation["responses"].items() if status[0] in "23"}
        assert good, name
        assert all("content" in answer or status in ("202", "204", "303", "304") for status, answer in good.items()), (
            name
        )


# RFC 7517 names its list `keys`; the others are no lists of things, but one answer or secret.
OTHER_LISTS = {"JwksView": "keys", "SubjectKeysView": "keys", "RecoveryCodesView": "recovery_codes"}
# Where `id` belongs to the name of the thing: VAT id, Message-ID, OAuth's `client_id`; `import` cannot be a name in
# many languages, and `family` is what people call one.
OTHER_IDS = {"vat_id", "message_id", "import_id", "client_id", "family_id", "line_id"}


def test_all_lists_are_alike(document: dict[str, Any]):
    for name, schema in document["components"]["schemas"].items():
        kinds = {field: field_schema.get("type") for field, field_schema in schema.get("properties", {}).items()}
        if name.startswith("Listing"):
            assert set(kinds) == {"items", "next"}, name
        elif [*kinds.values()] == ["array"] and name.endswith("View"):
            assert [*kinds] == [OTHER_LISTS.get(name)], name


def test_a_thing_is_named_alike_in_addresses_bodies_and_answers(document: dict[str, Any]):
    fields = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})}
    parameters = {one["name"] for _, operation in operations(document) for one in operation["parameters"]}
    assert {name for name in fields | parameters if name.endswith("_id")} <= OTHER_IDS


def test_names_that_clash_are_told_apart_by_their_files():
    names = {name: operation["operationId"] for name, operation in operations(described("accounts"))}
    assert names["POST /sign-in"] == "sign_in"
    assert names["POST /sign-in/passkey"] == "passkeys_sign_in"
    assert names["POST /customers"] == "sign_in_register"
    assert names["POST /me/passkeys"] == "passkeys_register"


def test_a_parameter_without_a_default_is_required():
    parameters = described("catalog")["paths"]["/products"]["get"]["parameters"]
    assert {one["name"] for one in parameters if one["required"]} == {"tenant", "channel"}


BODIES = {
    ("delivery", "PUT /skus/{sku}/files/{name}"): {"*/*", "application/octet-stream"},
    ("licensing", "POST /skus/{sku}/serials"): {"text/csv", "text/plain"},
    ("payments", "POST /statements"): {"application/xml"},
    ("payments", "POST /statements/archives"): {"application/zip"},
    ("payments", "POST /webhooks/provider"): {"application/json"},
}
ANSWERS = {
    ("delivery", "GET /t/{secret}"): {"200": BYTES, "206": BYTES, "416": PROBLEM},
    ("delivery", "GET /d/{token}"): {"200": HTML, "404": HTML, "410": HTML},
    ("delivery", "POST /d/{token}/files/{file}"): {"303": None, "404": HTML, "410": HTML},
    ("delivery", "GET /downloads.csv"): {"200": "text/csv"},
    ("licensing", "POST /skus/{sku}/serials"): {"200": "application/json", "201": "application/json"},
    ("payments", "POST /payments"): {"201": "application/json", "202": PROBLEM},
    ("payments", "GET /orders/{order}/transfer"): {"200": "application/json", "202": PROBLEM},
    ("payments", "POST /payouts/{refund}/done"): {"204": None},
    ("accounts", "POST /sign-out"): {"204": None},
    ("rewards", "POST /meetings"): {"202": "application/json"},
    ("storefront", "GET /orders/{order}"): {"200": HTML, "303": None, "404": HTML, "4XX": HTML, "5XX": HTML},
    ("storefront", "POST /checkout"): {"200": HTML, "303": None, "422": PROBLEM, "4XX": PROBLEM, "5XX": PROBLEM},
}


@pytest.mark.parametrize(("package", "name"), BODIES)
def test_a_body_that_no_model_reads_is_described(package: str, name: str):
    body = dict(operations(described(package)))[name]["requestBody"]
    assert set(body["content"]) == BODIES[package, name]


@pytest.mark.parametrize(("package", "name"), ANSWERS)
def test_an_answer_is_described_by_its_status_and_type(package: str, name: str):
    responses = dict(operations(described(package)))[name]["responses"]
    for status, kind in ANSWERS[package, name].items():
        assert kind in responses[status]["content"] if kind else "content" not in responses[status], status
