"""What somebody who acts for an organisation sees of its sales, and what of them they use (decision 27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from contracts.accounts import OrganisationClaims

OWNER: Final = "owner"
AUDITOR: Final = "auditor"


@dataclass(frozen=True, slots=True)
class Looker:
    """A customer who looks at sales, the organisation for which they act, if they do, and what they are there."""

    customer: UUID
    organisation: UUID | None = None
    role: str = ""

    @property
    def sees_all(self) -> bool:
        """Whether they see all that was bought for the organisation, whoever has bought it."""
        return self.organisation is not None and self.role in (OWNER, AUDITOR)

    @property
    def seen_whole(self) -> UUID | None:
        """The organisation of which they see all; None: what they have bought themself is all they see."""
        return self.organisation if self.sees_all else None

    def sees(self, customer: UUID | None, organisation: UUID | None) -> bool:
        """Return whether they see the sale to this customer, for this organisation or for none."""
        return customer == self.customer or (self.sees_all and organisation == self.organisation)

    def uses(self, customer: UUID | None, organisation: UUID | None) -> bool:
        """Return whether they may use it as whoever has bought it may: read a key whole, fetch a file."""
        return customer == self.customer or (self.role == OWNER and self.sees(customer, organisation))


def looker(subject: str, claims: Mapping[str, Any]) -> Looker:
    """Return the customer of an access token by its subject and claims."""
    claimed = claims.get("organisation")
    if claimed is None:
        return Looker(UUID(subject))
    found = OrganisationClaims.model_validate(claimed)
    return Looker(UUID(subject), found.organisation, found.role)
