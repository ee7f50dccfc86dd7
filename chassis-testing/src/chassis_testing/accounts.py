"""The keys and tokens that every service asks accounts for, played at the wire by a real HTTP server."""

import base64
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from chassis.config.clock import Clock
from chassis.identity.sealing import new_key_pair, seal
from contracts.event import SubjectKey
from joserfc.jwk import OKPKey

from chassis_testing.tokens import HOUR, new_signing_key, signed_token


@dataclass(slots=True)
class KeyServer:
    """Publishes a signing key, issues service tokens, and answers subject keys or that they are erased."""

    clock_file: Path
    signing_key: OKPKey = field(default_factory=new_signing_key)
    private_halves: dict[UUID, bytes] = field(default_factory=dict[UUID, bytes])
    erased: set[UUID] = field(default_factory=set[UUID])
    asked: list[tuple[str, UUID]] = field(default_factory=list[tuple[str, UUID]])
    away: bool = False
    url: str = ""

    def token(
        self, subject: str | UUID, *roles: str, tenant: str = "kontor", lifetime: timedelta = HOUR, **claims: Any
    ) -> str:
        """Return an access token, signed with the published key."""
        now = Clock(self.clock_file).now()
        return signed_token(self.signing_key, str(subject), *roles, tenant=tenant, lifetime=lifetime, now=now, **claims)

    def new_key(self) -> SubjectKey:
        """Make a subject key whose private half this server knows."""
        private, public = new_key_pair()
        key = SubjectKey(key=uuid4(), public=public)
        self.private_halves[key.key] = private
        return key

    def person_claims(self, name: str = "Erika Musterfrau", email: str = "erika@example.org") -> dict[str, Any]:
        """Return the claims of a person's token: new subject keys, and name and e-mail sealed to them."""
        profile, contact = self.new_key(), self.new_key()
        boxes = {
            f"{kind}_{which}": seal(text, key, kind)
            for which, key in {"profile": profile, "contact": contact}.items()
            for kind, text in {"name": name, "email": email}.items()
        }
        keys = {"profile": profile.model_dump(mode="json"), "contact": contact.model_dump(mode="json")}
        return {
            "keys": keys,
            "language": "de",
            **{name: box.model_dump(mode="json") for name, box in boxes.items()},
        }

    def app(self) -> web.Application:
        """Return the application with the routes that the chassis of every service calls."""
        app = web.Application()
        app.router.add_get("/.well-known/jwks.json", self._jwks)
        app.router.add_post("/service-token", self._service_token)
        app.router.add_post("/subject-keys", self._subject_keys)
        return app

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.signing_key.as_dict()]})

    async def _service_token(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response({"access_token": self.token(body["service"], "service"), "expires_in": 3600})

    async def _subject_keys(self, request: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        body = await request.json()
        keys = [UUID(key) for key in body["keys"]]
        self.asked += [(body["purpose"], key) for key in keys]
        return web.json_response({"keys": list(self._answers(keys))})

    def _answers(self, keys: Iterable[UUID]) -> Iterable[dict[str, Any]]:
        for key in keys:
            if key in self.erased:
                yield {"key": str(key), "erased": True}
            elif key in self.private_halves:
                yield {"key": str(key), "private": base64.b64encode(self.private_halves[key]).decode()}


@asynccontextmanager
async def key_server(clock_file: Path) -> AsyncGenerator[KeyServer]:
    """Run the server on a free port."""
    server = KeyServer(clock_file)
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
