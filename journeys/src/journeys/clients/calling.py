"""Calls of operations in the order in which they are written down, by whatever client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

from stack.services import SERVICES

from journeys.clients.call import Call, Known, filled
from journeys.suite import Suite, Unexpected, until

# Pages are read by people, and their forms answered by them: nobody makes clients of those.
FOR_PEOPLE = {"storefront", "workcenter"}
# pages of a service that is for programs otherwise, and what libraries for OAuth call
NOT_FOR_CLIENTS = ("/authorize", "/assets/", "/clients/", "/token")
Parameters = Mapping[str, Mapping[str, Any]]


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


Operations = Mapping[tuple[str, str], Operation]


@dataclass(frozen=True, slots=True)
class Answer:
    """How an operation was answered."""

    status: int
    media_type: str
    location: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made: with what, by which token."""

    operation: Operation
    parameters: Parameters
    body: Any
    by: str
    token: str | None
    media_type: str


class Client(Protocol):
    """Whatever can call an operation; raises Undescribed where it cannot read the answer."""

    async def send(self, operation: Operation, parameters: Parameters, body: Any, token: str | None) -> Answer:
        """Call an operation, with its parameters by where they stand (`path`, `query`, `header`)."""
        ...


@dataclass(slots=True)
class Caller:
    """Makes the calls, and remembers them and what was learnt by them."""

    client: Client
    operations: Operations
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
        answer = await self.client.send(operation, parameters, body, token)
        operation.check(answer.status, answer.media_type)
        expected = (call.status,) if isinstance(call.status, int) else call.status
        if answer.status not in expected:
            raise Unexpected(f"{answer.status} {answer.content[:300]!r}")
        content: Any = json.loads(answer.content) if answer.media_type.endswith("json") else {}
        for name, place in call.keeps.items():
            kept = answer.location.rpartition("/")[2] if place == "Location" else at(content, place)
            if kept is None:
                return False
            self.known[name] = kept
        self.made.append(Made(operation, parameters, body, call.by, token, answer.media_type))
        return True

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


async def documents(suite: Suite) -> dict[str, dict[str, Any]]:
    """Return the description of each service for which clients are made."""
    found: dict[str, dict[str, Any]] = {}
    for service in SERVICES:
        if service.name in FOR_PEOPLE:
            continue
        document = await suite.call(service.name, "GET", suite.admin(service.name, "/openapi.json"))
        paths = {path: item for path, item in document["paths"].items() if not path.startswith(NOT_FOR_CLIENTS)}
        found[service.name] = {**document, "paths": paths}
    return found


def operations(described: Mapping[str, dict[str, Any]]) -> dict[tuple[str, str], Operation]:
    """Return the operations of descriptions, by service and name."""
    return {
        (service, facts["operationId"]): Operation(service, method.upper(), path, facts)
        for service, document in described.items()
        for path, item in document["paths"].items()
        for method, facts in item.items()
    }


def at(content: Any, place: str) -> Any:
    """Return what stands at a place such as `items.0.entry`; None where nothing does."""
    for step in place.split("."):
        try:
            content = content[int(step) if step.isdigit() else step]
        except (LookupError, TypeError):
            return None
    return content
