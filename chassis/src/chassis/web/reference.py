"""The description of a service as a page for people: on any screen, without a script or anything from afar."""

import base64
import hashlib
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent);
  --soft: color-mix(in srgb, currentColor 7%, transparent); --link: light-dark(#0b57d0, #8ab4f8) }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: light-dark(#1f1f1f, #e3e3e3);
  background: light-dark(#fff, #131314); overflow-wrap: anywhere }
a { color: var(--link); text-decoration: none } a:hover, a:focus-visible { text-decoration: underline }
code, pre { font: .85em/1.45 ui-monospace, monospace } main > section { scroll-margin-top: 1rem }
nav { padding: 1rem; border-bottom: 1px solid var(--line); max-height: 45vh; overflow: auto }
nav h2 { font-size: .8rem; margin: .9rem 0 .2rem; text-transform: uppercase; letter-spacing: .05em; opacity: .7 }
nav ul { list-style: none; margin: 0; padding: 0 } nav li a { display: flex; gap: .5rem; padding: .2rem 0 }
main { padding: 1rem; max-width: 60rem; min-width: 0 } h1 { margin: 0 }
section { border-top: 1px solid var(--line); padding: 1.2rem 0 } section h3 { margin: 0 0 .3rem; font-size: 1.05rem }
h4 { margin: 1rem 0 .2rem; font-size: .9rem } .quiet { opacity: .75 }
.method { font: 600 .75rem/1.6 ui-monospace, monospace; min-width: 3.6rem; text-align: center; border-radius: .3rem;
  padding: 0 .4rem; background: var(--soft); display: inline-block; flex: none }
.get { color: light-dark(#0b57d0, #8ab4f8) } .post { color: light-dark(#146c2e, #6dd58c) }
.put { color: light-dark(#8a5300, #fbbc5f) } .delete { color: light-dark(#b3261e, #f2b8b5) }
.table { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line) }
td { min-width: 6rem } th { font-weight: 600; white-space: nowrap }
@media (min-width: 64rem) { body { display: grid; grid-template-columns: 22rem minmax(0, 1fr) }
  nav { position: sticky; top: 0; height: 100vh; max-height: none; border: 0; border-right: 1px solid var(--line) }
  main { padding: 1.5rem 2.5rem } }
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
{%- if schema.description %}<br><span class="quiet">{{ schema.description }}</span>{% endif %}</td></tr>
{%- endmacro -%}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title><style>{{ style | safe }}</style></head><body>
<nav aria-label="Contents">
{% for group, operations in groups %}<h2>{{ group }}</h2><ul>{% for path, method, operation in operations %}
<li><a href="#{{ operation.operationId }}"><span class="method {{ method }}">{{ method | upper }}</span>
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
<h3><span class="method {{ method }}">{{ method | upper }}</span> <code>{{ path }}</code></h3>
<div>{{ operation.summary }}</div>
<div class="quiet">{% if operation.security %}
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
