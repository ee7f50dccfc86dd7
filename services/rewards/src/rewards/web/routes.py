"""The routes of rewards."""

from chassis.identity.keyrings import KeyRings
from chassis.web import Routes

from rewards.domain import ledger, meetings, membership, rewards
from rewards.web import catalogue, intake, members, redemptions

ERRORS: dict[type[Exception], int] = {
    membership.NotEnrolled: 404,
    membership.TimeZoneUnknown: 422,
    membership.AccountErased: 409,
    meetings.MeetingImpossible: 422,
    ledger.NotEnoughPoints: 409,
    rewards.RewardUnknown: 404,
    rewards.RewardLimitReached: 409,
    rewards.RewardOutOfStock: 409,
    rewards.ContactUnknown: 409,
    rewards.RedemptionUnknown: 404,
}


def routes(default_market: str, keys: KeyRings, *, within_balance: bool) -> Routes:
    """What rewards answers."""
    routes = Routes(ERRORS)
    members.add(routes, default_market, within_balance=within_balance)
    redemptions.add(routes, keys)
    catalogue.add(routes)
    intake.add(routes)
    return routes
