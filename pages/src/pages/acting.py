"""For whom a visitor acts: their access token says so, and accounts has made it; services judge it by themselves."""

import base64
from dataclasses import dataclass
from typing import Any

import orjson

from pages.visit import Session


@dataclass(frozen=True, slots=True)
class Acting:
    """The organisation for which a visitor acts, and their role there."""

    id: str
    role: str
    name: str
    vat_id: str | None

    @property
    def buys(self) -> bool:
        """Whether they may order for it."""
        return self.role != "auditor"

    @property
    def sees_all(self) -> bool:
        """Whether they see what others have ordered for it."""
        return self.role != "buyer"

    @property
    def uses_all(self) -> bool:
        """Whether they use what others have bought for it: read keys whole, fetch files, cancel what is unpaid."""
        return self.role == "owner"


def acting_of(session: Session | None) -> Acting | None:
    """Return for which organisation a session acts; None where it acts for its owner, or there is none."""
    parts = session.token.split(".") if session else []
    if len(parts) != 3:
        return None
    payload = parts[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    found = claims.get("organisation")
    return Acting(found["organisation"], found["role"], found["name"], found["vat_id"]) if found else None
