"""The description of a service as a page for people: on any screen, without a script or anything from afar."""

from itertools import groupby
from typing import Any, Final

from jinja2 import Environment

from chassis.looks import SHEET, style_source

# what this page alone has: contents at the side where there is room for them, above otherwise
STYLE: Final = f"""{SHEET}
body {{ overflow-wrap: anywhere }} main {{ margin: 0; max-width: 64rem }} main > section {{ scroll-margin-top: 1rem }}
body > nav {{ padding: 1rem 1.25rem; background: var(--paper); border-bottom: 1px solid var(--line); max-height: 45vh;
  overflow: auto; font-size: var(--step--1) }}
body > nav h2 {{ font-size: 0.8rem; margin: 0.9rem 0 0.2rem; text-transform: uppercase; letter-spacing: 0.05em;
  color: var(--soft) }}
body > nav ul {{ list-style: none; margin: 0; padding: 0 }}
body > nav li a {{ display: flex; gap: 0.5rem; padding: 0.25rem; border-radius: 8px; text-decoration: none;
  color: var(--ink) }}
body > nav li a:hover {{ background: var(--tint) }}
section {{ border-top: 1px solid var(--line); padding: 1.5rem 0 0.25rem }}
section h3 {{ font-size: 1.05rem }} h4 {{ margin: 1rem 0 0.4rem }}
.method {{ min-width: 4.2rem; justify-content: center; flex: none; align-self: start }}
.get {{ background: var(--tint); color: var(--link) }} .post {{ background: var(--good-ground); color: var(--good) }}
.put {{ background: var(--warn-ground); color: var(--warn) }}
.delete {{ background: var(--bad-ground); color: var(--bad) }}
td {{ min-width: 7rem }} th {{ white-space: nowrap }}
@media (min-width: 64rem) {{ body {{ display: grid; grid-template-columns: 22rem minmax(0, 1fr) }}
  body > nav {{ position: sticky; top: 0; height: 100vh; max-height: none; border: 0;
    border-right: 1px solid var(--line) }}
  main {{ padding: 2rem 2.5rem 4rem }} }}
"""
HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {style_source(STYLE)}; img-src data:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
RULES: Final = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "fits {}",
    "default": "otherwise {}",
}
PAGE = """<!doctype html>
{%- macro kind(s) -%}
{%- if "$ref" in s %}{% set name = s["$ref"].split("/") | last %}<a href="#{{ name }}">{{ name }}</a>
{%- elif "enum" in s %}one of {% for one in s.enum %}<code>{{ one }}</code>{{ ", " if not loop.last }}{% endfor %}
{%- elif "const" in s %}<code>{{ s.const }}</code>
{%- elif s.anyOf or s.oneOf or s.allOf -%}
{% for one in s.anyOf or s.oneOf or s.allOf %}{{ kind(one) }}{{ " or " if not loop.last }}{% endfor %}
{%- elif s.type == "array" %}list of {{ kind(s["items"] or {}) }}
{%- elif s.additionalProperties is mapping %}values by name: {{ kind(s.additionalProperties) }}
{%- else %}{{ s.format or s.type or "anything" }}
{%- endif -%}
{%- for rule, words in rules.items() if rule in s %}, {{ words.format(s[rule]) }}{% endfor -%}
{%- endmacro -%}
{%- macro field(name, schema, required, where="") -%}
<tr><th scope="row"><code>{{ name }}</code></th>
<td>{{ where }}{{ kind(schema) }}{{ "" if required else ", may be left out" }}
{%- if schema.description %}<br><span class="soft">{{ schema.description }}</span>{% endif %}</td></tr>
{%- endmacro -%}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{{ title }}</title><style>{{ style | safe }}</style></head><body>
<nav aria-label="Contents">
{% for group, operations in groups %}<h2>{{ group }}</h2><ul>{% for path, method, operation in operations %}
<li><a href="#{{ operation.operationId }}"><span class="badge method {{ method }}">{{ method | upper }}</span>
<span>{{ path }}</span></a></li>{% endfor %}</ul>{% endfor %}
<h2>Besides</h2><ul><li><a href="#refusals">Refusals</a></li><li><a href="#schemas">Schemas</a></li></ul>
</nav><main>
<h1>{{ title }}</h1>
<p>{{ description }} The same as <a href="/openapi.json">OpenAPI 3.1</a>. A refusal is a problem (RFC 9457); what a
route may refuse stands with it, what any of them may refuse <a href="#refusals">below</a>.
Requests go to <code>{{ address }}</code>, with a token from <code>POST /sign-in</code> of accounts as
<code>Authorization: Bearer</code>.</p>
{% for _, operations in groups %}{% for path, method, operation in operations %}
<section id="{{ operation.operationId }}">
<h3><span class="badge method {{ method }}">{{ method | upper }}</span> <code>{{ path }}</code></h3>
<div>{{ operation.summary }}</div>
<div class="soft">{% if operation.security %}
{{ "A token may be sent" if {} in operation.security else "Needs a token" }}
{%- if operation["x-roles"] %} with one of the roles {{ operation["x-roles"] | join(", ") }}{% endif %}
{%- else %}Anybody may call it{% endif %}.</div>
{% if operation.parameters %}<h4>Parameters</h4><div class="table"><table>
{% for p in operation.parameters %}{{ field(p.name, p.schema, p.required, "in the " ~ p.in ~ ": ") }}{% endfor %}
</table></div>{% endif %}
{% if operation.requestBody %}<h4>Body</h4><div class="table"><table>
{% for media, content in operation.requestBody.content.items() %}
<tr><th scope="row"><code>{{ media }}</code></th><td>{{ kind(content.schema) if content.schema else "bytes" }}</td></tr>
{% endfor %}</table></div>{% endif %}
<h4>Answers</h4><div class="table"><table>
{% for status, answer in operation.responses.items() if "XX" not in status %}
<tr><th scope="row">{{ status }}</th><td>{% for part in answer.description.split(" / ") %}{{ part }}
{{- "" if loop.last else " " }}{% if not loop.last %}<br>{% endif %}{% endfor %}
{%- for media, content in (answer.content or {}).items() if media != "application/problem+json" %}<br>
<code>{{ media }}</code>{% if content.schema %}: {{ kind(content.schema) }}{% endif %}{% endfor %}</td></tr>{% endfor %}
</table></div></section>
{% endfor %}{% endfor %}
<section id="refusals"><h2>Refusals</h2><div class="table"><table>
{% for refusal in refusals %}<tr><th scope="row">{{ refusal.status }}</th><td><code>{{ refusal.type }}</code></td>
<td>{{ refusal.title }}</td></tr>{% endfor %}
</table></div></section>
<section id="schemas"><h2>Schemas</h2>
{% for name, schema in schemas.items() %}<h3 id="{{ name }}"><code>{{ name }}</code></h3>
{% if schema.description %}<div>{{ schema.description }}</div>{% endif %}
{% if schema.properties %}<div class="table"><table>
{% for inner, inner_schema in schema.properties.items() %}
{{ field(inner, inner_schema, inner in (schema.required or [])) }}{% endfor %}</table></div>
{% else %}<p>{{ kind(schema) }}</p>{% endif %}{% endfor %}
</section></main></body></html>"""


def page(document: dict[str, Any]) -> str:
    """Return an OpenAPI document as a page."""
    operations = [
        (path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()
    ]
    operations.sort(key=lambda one: _group(one[0]))
    return (
        Environment(autoescape=True, trim_blocks=True)
        .from_string(PAGE)
        .render(
            style=STYLE,
            rules=RULES,
            title=document["info"]["title"],
            address=document["servers"][0]["url"],
            description=document["info"]["description"],
            groups=[(group, list(found)) for group, found in groupby(operations, lambda one: _group(one[0]))],
            refusals=document["x-refusals"],
            schemas=document["components"]["schemas"],
        )
    )


def _group(path: str) -> str:
    return path.split("/")[1]
