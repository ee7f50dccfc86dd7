"""Two reviewers who export a conversation together."""

from typing import Any
from uuid import uuid4

from mail_relay.clients.verify_archive import faults

from .conftest import Relay
from .people import Conversation


class Reviewers:
    """A reviewer of a conversation's tenant and a colleague."""

    def __init__(self, relay: Relay, talk: Conversation) -> None:
        self.relay, self.talk = relay, talk
        self.one, self.other = (relay.house.accounts.token(uuid4(), "reviewer", tenant=talk.tenant) for _ in range(2))

    async def post(self, token: str, path: str, body: Any = None) -> tuple[int, bytes]:
        headers = self.relay.house.bearer(token, **{"Idempotency-Key": uuid4().hex})
        async with self.relay.house.http.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.read()

    async def get(self, token: str, path: str) -> tuple[int, Any]:
        async with self.relay.house.http.get(path, headers=self.relay.house.bearer(token)) as answer:
            return answer.status, await answer.json()

    async def ask(self, form: str) -> str:
        """One of them asks; the id of the export."""
        asked = {"form": form, "purpose": "a dispute"}
        status, _ = answered = await self.post(self.one, f"/conversations/{self.talk.id}/exports", asked)
        assert status == 201, answered
        _, waiting = await self.get(self.other, "/exports?limit=500")
        return [one["export"] for one in waiting["items"] if one["conversation"] == str(self.talk.id)][-1]

    async def export(self, form: str) -> bytes:
        """One asks, the other releases, and the first has the file."""
        export = await self.ask(form)
        assert (await self.post(self.other, f"/exports/{export}/release"))[0] == 200
        status, content = await self.post(self.one, f"/exports/{export}/fetching")
        assert status == 200, content
        return content

    async def faults(self, archive: bytes) -> list[str]:
        """What the verifier finds."""
        async with self.relay.house.http.get("/.well-known/archive-keys.json") as answer:
            keys = (await answer.json())["keys"]
        return faults(archive, keys)
