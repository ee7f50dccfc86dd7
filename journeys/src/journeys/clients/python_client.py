"""Calls by the generated Python clients of a folder that is among those from which modules are imported."""

import asyncio
import importlib
import inspect
import io
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args, get_type_hints

from journeys.clients.calling import Answer, Operation, Parameters, Undescribed
from journeys.clients.generated import PACKAGE, package
from journeys.suite import Suite


@dataclass(frozen=True, slots=True)
class PythonClient:
    """Calls as whoever has only the generated package does."""

    suite: Suite

    async def send(self, operation: Operation, parameters: Parameters, body: Any, token: str | None) -> Answer:
        """Call an operation; raises Undescribed where the package cannot read the answer."""
        service, name = operation.service, operation.facts["operationId"]
        module = importlib.import_module(f"{PACKAGE}.{package(service)}.api.default.{name}")
        named = {name: value for place in parameters.values() for name, value in place.items()}
        client = self._client(service, token)
        answer = await asyncio.to_thread(module.sync_detailed, client=client, **arguments(module, named, body))
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if media_type and answer.parsed is None:
            raise Undescribed(f"{name} of {service}: {answer.status_code} is not read")
        return Answer(answer.status_code, media_type, answer.headers.get("location", ""), answer.content)

    def _client(self, service: str, token: str | None) -> Any:
        generated = importlib.import_module(f"{PACKAGE}.{package(service)}")
        how = {"base_url": self.suite.url(service), "raise_on_unexpected_status": True, "timeout": 30}
        return generated.AuthenticatedClient(token=token, **how) if token else generated.Client(**how)


def arguments(module: ModuleType, named: Mapping[str, Any], body: Any) -> dict[str, Any]:
    """Return what a generated function takes: its own names, and the body as its type."""
    names = {name.rstrip("_"): name for name in inspect.signature(module.sync_detailed).parameters}
    taken = {names[name.lower().replace("-", "_")]: value for name, value in named.items()}
    if "body" in names:
        hint = get_type_hints(module.sync_detailed)["body"]
        kind = next(iter(get_args(hint)), hint)
        taken["body"] = kind(io.BytesIO(body)) if isinstance(body, bytes) else kind.from_dict(body)
    return taken
