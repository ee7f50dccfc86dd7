"""Calls by the generated clients: in Python, and the same ones again in TypeScript."""

import asyncio
import base64
import importlib
import inspect
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_type_hints
from uuid import uuid4

from journeys.clients.call import Call, Known, filled
from journeys.clients.generated import PACKAGE, node, package
from journeys.suite import Suite, Unexpected, until


class Undescribed(Exception):
    """An answer that the document does not name, or that a client made of it cannot read."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a service's document."""

    service: str
    method: str
    path: str
    facts: Mapping[str, Any]

    def answer(self, status: int) -> Mapping[str, Any] | None:
        """Return what the document says of answers with this status; None where it does not name them."""
        responses: Mapping[str, Any] = self.facts["responses"]
        return responses.get(str(status)) or responses.get(f"{status // 100}XX")

    def check(self, status: int, media_type: str) -> None:
        """Raise Undescribed where the document does not name an answer."""
        answer = self.answer(status)
        if answer is None or (media_type or None) not in (answer.get("content") or {None}):
            raise Undescribed(f"{self.method} {self.path} of {self.service}: {status} {media_type}")


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made: with what, by which token."""

    operation: Operation
    parameters: Mapping[str, Mapping[str, Any]]
    body: Any
    token: str | None
    media_type: str


@dataclass(slots=True)
class Caller:
    """Calls by the Python package of a folder that is among those from which modules are imported."""

    suite: Suite
    operations: Mapping[tuple[str, str], Operation]
    known: Known
    made: list[Made] = field(default_factory=list[Made])

    async def call(self, service: str, call: Call) -> None:
        """Call until the answer has its status and what is kept of it: others may have to consume an event before."""

        async def again() -> bool:
            return await self._call(service, call)

        await until(again, f"{call.operation} of {service} to be answered {call.status}")

    async def _call(self, service: str, call: Call) -> bool:
        operation = self.operations[service, call.operation]
        parameters = self._parameters(operation, call)
        body = filled(call.body, self.known)
        token = None if call.by == "anonymous" else self.known[f"token of {call.by}"]
        module = importlib.import_module(f"{PACKAGE}.{package(service)}.api.default.{call.operation}")
        client = self._client(service, token)
        named = {name: value for place in parameters.values() for name, value in place.items()}
        answer = await asyncio.to_thread(module.sync_detailed, client=client, **arguments(module, named, body))
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        operation.check(answer.status_code, media_type)
        if media_type and answer.parsed is None:
            raise Undescribed(f"{call.operation} of {service}: {answer.status_code} is not read")
        if answer.status_code != call.status:
            raise Unexpected(f"{answer.status_code} {answer.content[:300]}")
        content: Any = json.loads(answer.content) if media_type.endswith("json") else {}
        for name, place in call.keeps.items():
            kept = answer.headers["location"].rpartition("/")[2] if place == "Location" else at(content, place)
            if kept is None:
                return False
            self.known[name] = kept
        self.made.append(Made(operation, parameters, body, token, media_type))
        return True

    def _client(self, service: str, token: str | None) -> Any:
        generated = importlib.import_module(f"{PACKAGE}.{package(service)}")
        how = {"base_url": self.suite.url(service), "raise_on_unexpected_status": True, "timeout": 30}
        return generated.AuthenticatedClient(token=token, **how) if token else generated.Client(**how)

    def _parameters(self, operation: Operation, call: Call) -> dict[str, dict[str, Any]]:
        parameters: dict[str, dict[str, Any]] = {}
        for parameter in operation.facts["parameters"]:
            name = parameter["name"]
            place = parameters.setdefault(parameter["in"], {})
            if name in call.given:
                place[name] = filled(call.given[name], self.known)
            elif name == "Idempotency-Key":
                place[name] = str(uuid4())
            elif parameter["required"]:
                place[name] = self.known[name]
        return parameters


def arguments(module: ModuleType, named: Mapping[str, Any], body: Any) -> dict[str, Any]:
    """Return what a generated function takes: its own names, and the body as its type."""
    names = {name.rstrip("_"): name for name in inspect.signature(module.sync_detailed).parameters}
    taken = {names[name.lower().replace("-", "_")]: value for name, value in named.items()}
    if "body" in names:
        hint = get_type_hints(module.sync_detailed)["body"]
        kind = next(iter(get_args(hint)), hint)
        taken["body"] = kind(io.BytesIO(body)) if isinstance(body, bytes) else kind.from_dict(body)
    return taken


def at(content: Any, place: str) -> Any:
    """Return what stands at a place such as `items.0.entry`; None where nothing does."""
    for step in place.split("."):
        try:
            content = content[int(step) if step.isdigit() else step]
        except (LookupError, TypeError):
            return None
    return content


def in_typescript(made: list[Made], urls: Mapping[str, str]) -> str:
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
    if not one.media_type.endswith("json"):
        how["parseAs"] = "text"
    how["headers"] = headers
    method, path = one.operation.method, json.dumps(one.operation.path)
    return f"await note({package(one.operation.service)}.{method}({path}, {json.dumps(how)[:-1]}{more} }}));"


async def call_in_typescript(folder: Path) -> list[tuple[int, str, bool]]:
    """Run the program `calls.ts` of the folder; return status, media type, and whether anything was read."""
    printed = await node(folder, folder / "calls.ts")
    return [(status, kind.partition(";")[0], read) for status, kind, read in map(json.loads, printed.splitlines())]
