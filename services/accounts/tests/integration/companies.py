"""Organisations as their members use them."""

import base64
from typing import Any
from uuid import UUID, uuid4

import orjson
from chassis.identity import open_box
from contracts.accounts import OrganisationInvitationRequested
from contracts.invitations import GuestInvited

from .conftest import House, Person

ACCEPT = "/me/organisation-invitation/acceptance"


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says, for whoever holds it."""
    body = token.split(".")[1]
    return orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


async def guest_codes(house: House, tenant: str, email: str = "") -> list[str]:
    """The codes that were mailed to people without an account, or to this address."""
    await house.home.settled()
    token, codes = await house.service("letters"), list[str]()
    for one in house.published(GuestInvited):
        if one.tenant == tenant:
            key = base64.urlsafe_b64decode(
                (await house.keys(token, "invitations", one.code.key))[one.code.key]["private"]
            )
            if email in ("", open_box(one.email, key)):
                codes.append(open_box(one.code, key))
    return codes


class Colleague:
    """Somebody with an account and a session."""

    def __init__(self, house: House, person: Person, tokens: dict[str, Any]) -> None:
        self.house, self.person, self.tokens = house, person, tokens

    @classmethod
    async def arrive(cls, house: House, tenant: str, **changes: Any) -> "Colleague":
        person = await house.register(tenant, **changes)
        return cls(house, person, await house.sign_in(person))

    @property
    def id(self) -> UUID:
        return self.person.id

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        keyed = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
        return await self.house.ask(method, path, body, self.tokens["access_token"], **keyed)

    async def open(self, name: str = "Muster & Söhne", vat_id: str | None = "DE123456789") -> str:
        status, made = await self.ask("POST", "/organisations", {"name": name, "vat_id": vat_id})
        assert status == 201, made
        return made["organisation"]

    async def invite(self, organisation: str, email: str, role: str = "buyer") -> tuple[int, dict[str, Any]]:
        return await self.ask("POST", f"/organisations/{organisation}/invitations", {"email": email, "role": role})

    async def codes(self) -> list[str]:
        """The codes that were mailed to this one."""
        await self.house.home.settled()
        found = [one for one in self.house.published(OrganisationInvitationRequested) if one.customer == self.id]
        assert [await self.house.opened_box(one.email) for one in found] == [self.person.email] * len(found)
        return [await self.house.opened_box(one.code) for one in found]

    async def accept(self, code: str) -> tuple[int, dict[str, Any]]:
        return await self.ask("POST", ACCEPT, {"code": code})

    async def take_in(self, other: "Colleague", organisation: str, role: str = "buyer") -> None:
        """Invite somebody, who accepts."""
        status, answer = await self.invite(organisation, other.person.email, role)
        assert status == 201, answer
        status, answer = await other.accept((await other.codes())[-1])
        assert (status, answer) == (200, {"organisation": organisation})

    async def change(self, organisation: str, member: UUID, role: str) -> int:
        return (await self.ask("PUT", f"/organisations/{organisation}/members/{member}", {"role": role}))[0]

    async def remove(self, organisation: str, member: UUID) -> tuple[int, dict[str, Any]]:
        return await self.ask("DELETE", f"/organisations/{organisation}/members/{member}")

    async def act_for(self, organisation: str | None) -> int:
        return (await self.ask("PUT", "/me/acting", {"organisation": organisation}))[0]

    async def refresh(self) -> dict[str, Any] | None:
        """Trade the refresh token, and return for which organisation the next access token is."""
        status, tokens = await self.house.ask("POST", "/refresh", {"refresh_token": self.tokens["refresh_token"]})
        assert status == 200, tokens
        self.tokens = tokens
        return claims_of(tokens["access_token"]).get("organisation")

    async def of(self) -> dict[str, str]:
        """Of which organisations this one is, and as what."""
        status, found = await self.ask("GET", "/organisations")
        assert status == 200, found
        return {one["organisation"]: one["role"] for one in found["items"]}
