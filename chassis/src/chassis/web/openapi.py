"""The description of a service's routes: OpenAPI 3.1, made from the handlers' signatures, and a readable page."""

from typing import Any, get_args, get_origin

from jinja2 import Environment
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from chassis.web.paging import Page
from chassis.web.problems import MEDIA_TYPE, sentence, slug
from chassis.web.routes import Answer, Route, Routes

REF = "#/components/schemas/{model}"
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status"],
    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}},
}

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { border-bottom: 1px solid #ddd; padding-bottom: .2rem; margin-top: 2.5rem; font-size: 1.1rem }
code, pre { font: 13px/1.4 ui-monospace, monospace; background: #f5f5f5 } pre { padding: .8rem; overflow: auto }
.method { display: inline-block; min-width: 4rem; font-weight: bold } td, th { text-align: left; padding-right: 1.5rem }
</style>
<h1>{{ title }}</h1>
<p>{{ description }} The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
{% for path, operations in paths.items() %}{% for method, operation in operations.items() %}
<h2><span class="method">{{ method | upper }}</span> <code>{{ path }}</code></h2>
<p>{{ operation.summary }}{% if operation.security %} <em>Needs a token{% if operation["x-roles"] %} with one of the
roles {{ operation["x-roles"] | join(", ") }}{% endif %}.</em>{% endif %}</p>
{% if operation.parameters %}<table>{% for p in operation.parameters %}
<tr><td><code>{{ p.name }}</code></td><td>in {{ p.in }}</td><td><code>{{ p.schema | tojson }}</code></td></tr>
{% endfor %}</table>{% endif %}
{% if operation.requestBody %}<p>Body:</p><pre>{{ operation.requestBody.content | tojson(indent=2) }}</pre>{% endif %}
<table>{% for status, answer in operation.responses.items() %}
<tr><th>{{ status }}</th><td>{{ answer.description }}</td></tr>{% endfor %}</table>
{% endfor %}{% endfor %}
<h2>Schemas</h2>
{% for name, schema in schemas.items() %}<h3 id="{{ name }}"><code>{{ name }}</code></h3>
<pre>{{ schema | tojson(indent=2) }}</pre>{% endfor %}
</html>"""


def describe(service: str, description: str, routes: Routes) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a service."""
    models = {model for route in routes.all for model in _models(route)}
    _, definitions = models_json_schema([(m, "serialization") for m in sorted(models, key=str)], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes.all:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, routes)
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1", "description": description},
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, **definitions.get("$defs", {})},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def page(document: dict[str, Any]) -> str:
    """Return the document as a page for people."""
    return (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(
            title=document["info"]["title"],
            description=document["info"]["description"],
            paths=document["paths"],
            schemas=document["components"]["schemas"],
        )
    )


def _operation(route: Route, routes: Routes) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": " ".join((route.handler.__doc__ or route.name).split("\n\n")[0].split()),
        "parameters": _parameters(route),
        "responses": _responses(route, routes),
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(route.body[1])}},
        }
    if route.authenticates != "no":
        operation["security"] = [{"token": []}] + ([{}] if route.authenticates == "optional" else [])
    if route.allow:
        operation["x-roles"] = list(route.allow)
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": adapter.json_schema()}
        for name, adapter in route.path_parameters.items()
    ]
    found += [
        {"name": name, "in": "query", "required": False, "schema": adapter.json_schema()}
        for name, (adapter, _) in route.query.items()
    ]
    if route.pages:
        properties = Page.model_json_schema()["properties"]
        found += [{"name": name, "in": "query", "required": False, "schema": properties[name]} for name in properties]
    if route.creates is not None:
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}})
    return found


def _responses(route: Route, routes: Routes) -> dict[str, Any]:
    view = routes.view_of(route)
    answers = view.answers if view else route.answers
    views = [kind for kind in _alternatives(answers) if _is_model(kind)]
    good: dict[str, Any] = {"description": "Done"}
    if views:
        good["content"] = {"application/json": {"schema": _schema(views[0])}}
    responses: dict[str, Any] = {str(route.status if views or route.status != 200 else 200): good}
    refusals: dict[int, list[str]] = {}
    for error, status in routes.errors.items():
        refusals.setdefault(status, []).append(f"{slug(error)}: {sentence(error)}")
    problem = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted(refusals):
        responses[str(status)] = {"description": " / ".join(refusals[status]), "content": problem}
    responses["default"] = {"description": "Refused, or not possible at the moment", "content": problem}
    return responses


def _models(route: Route) -> set[type[BaseModel]]:
    kinds = _alternatives(route.answers) + ([route.body[1]] if route.body else [])
    return {kind for kind in kinds if _is_model(kind)}


def _alternatives(hint: Any) -> list[Any]:
    if _is_model(hint) or hint is Answer:
        return [hint]
    return [kind for inner in get_args(hint) for kind in _alternatives(inner)] if get_origin(hint) else [hint]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _schema(model: Any) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema(ref_template=REF)
    return {"$ref": REF.format(model=model.__name__)} if _is_model(model) and "[" not in model.__name__ else schema
