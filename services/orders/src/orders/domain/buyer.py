"""For whom a customer acts: for themself, or for an organisation, in a role that its owners have given them."""

from dataclasses import dataclass
from uuid import UUID

OWNER, AUDITOR = "owner", "auditor"


class BuysNothing(Exception):
    """As an auditor you see what the organisation has bought, and buy nothing: act for yourself, or ask an owner."""


class MustBeBusiness(Exception):
    """An organisation buys as a business: choose that, or act for yourself."""


@dataclass(frozen=True, slots=True)
class ActsFor:
    """An organisation, what the customer is there, and how it is called on an order."""

    organisation: UUID
    role: str
    name: str
    vat_id: str | None

    @property
    def sees_all(self) -> bool:
        """Whether the customer sees what others have ordered for it."""
        return self.role in (OWNER, AUDITOR)

    def check_buys(self, *, as_business: bool) -> None:
        """Raise BuysNothing for an auditor, and MustBeBusiness where an order is to be a consumer's."""
        if self.role == AUDITOR:
            raise BuysNothing
        if not as_business:
            raise MustBeBusiness
