"""The door for HTTP."""

from typing import Final

from chassis.web import Routes

from rewards.domain import ledger, meetings, membership, rewards
from rewards.web import catalogue, intake, members, programme, redemptions

ROUTES: Final = Routes(
    members.routes,
    redemptions.routes,
    catalogue.routes,
    intake.routes,
    programme.routes,
    errors={
        membership.NotEnrolled: 404,
        membership.TimeZoneUnknown: 422,
        membership.AccountErased: 409,
        meetings.SourceUnknown: 422,
        ledger.NotEnoughPoints: 409,
        rewards.RewardUnknown: 404,
        rewards.RewardLimitReached: 409,
        rewards.RewardOutOfStock: 409,
        rewards.ContactUnknown: 409,
        rewards.DestinationWrong: 422,
        rewards.RedemptionUnknown: 404,
        rewards.RedemptionEnded: 409,
    },
)

__all__ = ["ROUTES"]
