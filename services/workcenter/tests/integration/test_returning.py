"""No address of a form is a dead end: without the form, it leads to the page that the form is on."""

from typing import Any
from uuid import uuid4

import pytest
from chassis.web.routes import Route
from chassis_testing import Harness
from workcenter.web import ROUTES

PERSON = {"Accept": "text/html"}
PAGES = {route.pattern for route in ROUTES.all if route.method == "GET"}
FORMS = [route for route in ROUTES.all if route.method == "POST" and route.pattern not in PAGES]


def value(schema: dict[str, Any]) -> str:
    """Something that may stand in a path."""
    if "enum" in schema or "const" in schema:
        return str(schema.get("const") or schema["enum"][0])
    return str(uuid4()) if schema.get("format") == "uuid" else "1"


@pytest.mark.parametrize("route", FORMS, ids=lambda route: route.path)
async def test_the_address_of_a_form_leads_to_its_page(desk: Harness, route: Route):
    path = route.location({name: value(one.json_schema()) for name, one in route.path_parameters.items()})
    async with desk.http.get(path, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status == 303
        above = answer.headers["Location"]
    assert path.startswith(above)
    # a page is there, whoever may see it
    async with desk.http.get(above, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status in (200, 303, 404)


async def test_a_program_is_refused_as_before(desk: Harness):
    async with desk.http.get("/language", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 405
