"""The description of a service as a page for people; it runs no script."""

import base64
import hashlib
from typing import Any, Final

from jinja2 import Environment

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
h2 { border-bottom: 1px solid #ddd; padding-bottom: .2rem; margin-top: 2.5rem; font-size: 1.1rem }
code, pre { font: 13px/1.4 ui-monospace, monospace; background: #f5f5f5 } pre { padding: .8rem; overflow: auto }
.method { display: inline-block; min-width: 4rem; font-weight: bold } td, th { text-align: left; padding-right: 1.5rem }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{ title }}</title>
<style>{{ style | safe }}</style>
<h1>{{ title }}</h1>
<p>{{ description }} The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
{% for path, operations in paths.items() %}{% for method, operation in operations.items() %}
<h2><span class="method">{{ method | upper }}</span> <code>{{ path }}</code></h2>
<p>{{ operation.summary }}{% if operation.security %} <em>Needs a token{% if operation["x-roles"] %} with one of the
roles {{ operation["x-roles"] | join(", ") }}{% endif %}.</em>{% endif %}</p>
{% if operation.parameters %}<table>{% for p in operation.parameters %}
<tr><td><code>{{ p.name }}</code></td><td>in {{ p.in }}{% if p.required %}, required{% endif %}</td>
<td><code>{{ p.schema | tojson }}</code></td></tr>
{% endfor %}</table>{% endif %}
{% if operation.requestBody %}<p>Body:</p><pre>{{ operation.requestBody.content | tojson(indent=2) }}</pre>{% endif %}
<table>{% for status, answer in operation.responses.items() %}
<tr><th>{{ status }}</th><td>{{ answer.description }}</td></tr>{% endfor %}</table>
{% endfor %}{% endfor %}
<h2>Refusals</h2>
<table>{% for refusal in refusals %}
<tr><th>{{ refusal.status }}</th><td><code>{{ refusal.type }}</code></td><td>{{ refusal.title }}</td></tr>{% endfor %}
</table>
<h2>Schemas</h2>
{% for name, schema in schemas.items() %}<h3 id="{{ name }}"><code>{{ name }}</code></h3>
<pre>{{ schema | tojson(indent=2) }}</pre>{% endfor %}
</html>"""


def page(document: dict[str, Any]) -> str:
    """Return an OpenAPI document as a page."""
    return (
        Environment(autoescape=True)
        .from_string(PAGE)
        .render(
            style=STYLE,
            title=document["info"]["title"],
            description=document["info"]["description"],
            paths=document["paths"],
            refusals=document["x-refusals"],
            schemas=document["components"]["schemas"],
        )
    )
