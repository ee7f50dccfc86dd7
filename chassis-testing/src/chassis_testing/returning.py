"""The addresses of a site's forms: without the form, each leads to the page that the form is on."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from chassis.web import Routes
from chassis.web.routes import Route

from chassis_testing.harness import Harness

PERSON = {"Accept": "text/html"}


def forms_of(site: Routes) -> Sequence[Route]:
    """Return the routes that take a form and show no page."""
    pages = {route.pattern for route in site.all if route.method == "GET"}
    return [route for route in site.all if route.method == "POST" and route.pattern not in pages]


async def opened_without_the_form(home: Harness, route: Route) -> tuple[str, str, int]:
    """Open the address of a form; return its path, the page to which it leads, and that page's status.

    Raises AssertionError where it leads nowhere.
    """
    path = route.location({name: _value(one.json_schema()) for name, one in route.path_parameters.items()})
    async with home.http.get(path, headers=PERSON, allow_redirects=False) as answer:
        assert answer.status == 303, f"{path} is answered by {answer.status}"
        above = answer.headers["Location"]
    async with home.http.get(above, headers=PERSON, allow_redirects=False) as answer:
        return path, above, answer.status


def _value(schema: dict[str, Any]) -> str:
    """Return something that may stand in a path."""
    if "enum" in schema or "const" in schema:
        return str(schema.get("const") or schema["enum"][0])
    return str(uuid4()) if schema.get("format") == "uuid" else "1"
