"""What points can be spent on (L2, L4, L16)."""

from dataclasses import dataclass
from datetime import datetime


class RewardUnknown(Exception):
    """There is no such reward in your market now."""


class RewardLimitReached(Exception):
    """You have redeemed this reward as often as a member may."""


class RewardOutOfStock(Exception):
    """No voucher of this reward is left at the moment; your points are untouched."""


class ContactUnknown(Exception):
    """A voucher cannot be handed over, because your contact key is unknown or destroyed; sign in again."""


class KindChanged(Exception):
    """The kind of a known reward cannot change: give the other one a name of its own."""


class DestinationWrong(Exception):
    """Miles are credited to the number of an account, a shipment goes to an address, a voucher needs neither."""


class RedemptionUnknown(Exception):
    """There is no such redemption."""


class RedemptionEnded(Exception):
    """This redemption has ended otherwise: it is fulfilled, or has failed and its points are given back."""


@dataclass(frozen=True, slots=True)
class Reward:
    """An entry of the catalogue; no `markets` means all, no `limit` that a member may redeem it any number of times."""

    id: str
    kind: str
    name_de: str
    name_en: str
    points: int
    markets: frozenset[str]
    limit: int | None
    valid_from: datetime
    valid_until: datetime | None

    def offered(self, market: str, now: datetime) -> bool:
        """Return whether members of this market can have it now."""
        ended = self.valid_until is not None and now >= self.valid_until
        return self.valid_from <= now and not ended and (not self.markets or market in self.markets)

    def check(self, market: str, now: datetime, redeemed: int) -> None:
        """Raise where a member of this market who has redeemed it so often cannot have it now."""
        if not self.offered(market, now):
            raise RewardUnknown
        if self.limit is not None and redeemed >= self.limit:
            raise RewardLimitReached

    def check_destination(self, account: str | None, address: str | None) -> None:
        """Raise DestinationWrong unless what is said of where it goes is what it needs."""
        if (account is not None) != (self.kind == "miles") or (address is not None) != (self.kind == "shipment"):
            raise DestinationWrong
