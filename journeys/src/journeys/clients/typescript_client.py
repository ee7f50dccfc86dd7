"""The calls that were made, again by openapi-fetch in TypeScript."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chassis.web import MULTIPART

from journeys.clients.calling import Made
from journeys.clients.generated import node, package


def in_typescript(made: Sequence[Made], urls: Mapping[str, str]) -> str:
    """Return a program that makes the same calls by openapi-fetch and prints a line of JSON for each."""
    services = sorted({one.operation.service for one in made})
    lines = ['import createClient from "openapi-fetch";']
    for service in services:
        name = package(service)
        lines.append(f'import type {{ paths as {name}_paths }} from "./{name}.ts";')
        lines.append(f"const {name} = createClient<{name}_paths>({{ baseUrl: {json.dumps(urls[service])} }});")
    lines.append(
        "async function note(call: Promise<{ response: Response; data?: unknown; error?: unknown }>) {\n"
        "  const { response, data, error } = await call;\n"
        '  const type = response.headers.get("content-type") ?? "";\n'
        "  console.log(JSON.stringify([response.status, type, (data ?? error) !== undefined]));\n"
        "}"
    )
    lines.append(
        "function formed(fields: Record<string, unknown>) {\n"
        "  const form = new FormData();\n"
        "  for (const [name, value] of Object.entries(fields)) form.append(name, String(value));\n"
        "  return form;\n"
        "}"
    )
    return "\n".join([*lines, *map(_line, made)]) + "\n"


def _line(one: Made) -> str:
    headers = {} if one.token is None else {"Authorization": f"Bearer {one.token}"}
    how: dict[str, Any] = {"params": one.parameters, "redirect": "manual"}
    more = ""
    if isinstance(one.body, bytes):
        headers["Content-Type"] = next(iter(one.operation.facts["requestBody"]["content"]))
        text = json.dumps(base64.b64encode(one.body).decode())
        more = f", body: atob({text}), bodySerializer: (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0))"
    elif one.body is not None:
        how["body"] = one.body
        if MULTIPART in one.operation.facts["requestBody"]["content"]:
            more = ", bodySerializer: formed"
    if not one.media_type.endswith("json"):
        how["parseAs"] = "text"
    how["headers"] = headers
    method, path = one.operation.method, json.dumps(one.operation.path)
    return f"await note({package(one.operation.service)}.{method}({path}, {json.dumps(how)[:-1]}{more} }}));"


async def call_in_typescript(folder: Path) -> list[tuple[int, str, bool]]:
    """Run the program `calls.ts` of the folder; return status, media type, and whether anything was read."""
    printed = await node(folder, folder / "calls.ts")
    return [(status, kind.partition(";")[0], read) for status, kind, read in map(json.loads, printed.splitlines())]
