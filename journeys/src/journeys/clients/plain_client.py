"""Calls as a description says, without a generated client."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from chassis.web import MULTIPART

from journeys.clients.calling import Answer, Operation, Parameters
from journeys.suite import Suite


@dataclass(frozen=True, slots=True)
class PlainClient:
    """Calls by HTTP alone."""

    suite: Suite

    async def send(self, operation: Operation, parameters: Parameters, body: Any, token: str | None) -> Answer:
        """Call an operation and read its answer, of which it follows no redirection."""
        path = operation.path
        for name, value in parameters.get("path", {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        headers = {name: str(value) for name, value in parameters.get("header", {}).items()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        how: dict[str, Any] = {"json": body}
        if isinstance(body, bytes):
            media_type = next(iter(operation.facts["requestBody"]["content"]))
            headers["Content-Type"] = "application/octet-stream" if media_type == "*/*" else media_type
            how = {"data": body}
        elif MULTIPART in operation.facts.get("requestBody", {}).get("content", {}):
            form = aiohttp.FormData(default_to_multipart=True)
            for name, value in body.items():
                form.add_field(name, value)
            how = {"data": form}
        query = {name: _word(value) for name, value in parameters.get("query", {}).items()}
        address = self.suite.url(operation.service, path)
        async with self.suite.http.request(
            operation.method, address, params=query, headers=headers, allow_redirects=False, **how
        ) as answer:
            media_type = answer.content_type if "Content-Type" in answer.headers else ""
            return Answer(answer.status, media_type, answer.headers.get("Location", ""), await answer.read())


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
