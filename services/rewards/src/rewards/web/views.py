"""What clients see."""

from datetime import datetime
from uuid import UUID

from chassis.web import View

from rewards.domain.arithmetic import Of
from rewards.domain.rewards import Reward
from rewards.domain.rules import Rule
from rewards.store.redemptions import Redemption


class UsageView(View):
    """How many meetings a member has held, also before enrolment, and how many of them earned something."""

    held: int
    rewarded: int


class MemberView(View):
    """A member as they see themselves; the balance is in points and may be negative after a reversal."""

    member: UUID
    balance: int
    enrolled_at: datetime
    left_at: datetime | None
    market: str
    language: str
    time_zone: str
    usage: UsageView


class CapView(View):
    """A cap that left fewer points than a meeting was worth: of which day or month, and how many were left."""

    period: str
    cap: int
    left: int


class ArithmeticView(View):
    """How a number came about, as facts: `parts` times `each`, under `caps`, is `total`.

    Where minutes count, a meeting of so many `minutes` has so many started `parts` of `per_minutes`. `kept` points
    stayed with the member when the same was taken back, `expired` ones cannot be taken back.
    """

    of: Of
    total: int | None
    each: int | None
    parts: int | None
    minutes: int | None
    per_minutes: int | None
    caps: list[CapView]
    kept: int
    expired: int
    reward: str | None
    name_de: str | None
    name_en: str | None


class PostingView(View):
    """A change of the balance, and why (REW-11): in English words, and as facts."""

    posting: UUID
    kind: str
    points: int
    meeting: UUID | None
    rule: str | None
    rule_version: int | None
    redemption: UUID | None
    reward: str | None
    event: UUID | None
    arithmetic: str
    facts: ArithmeticView
    posted_at: datetime


class MeetingView(View):
    """A meeting that was held, and what became of it (L8)."""

    meeting: UUID
    source: str
    started_at: datetime
    ended_at: datetime
    participants: int
    verdict: str


class LoggedView(View):
    """What was published."""

    meeting: UUID
    revision: int


class EarningView(View):
    """A rule that is in force; `points` for each meeting or for each started `per_minutes`, no more than the caps.

    Points expire so many days after the meeting, at the end of the quarter in which so many months are over, or never.
    """

    rule: str
    kind: str
    points: int
    per_minutes: int
    minimum_minutes: int
    minimum_participants: int
    points_a_day: int | None
    points_a_month: int | None
    expires_after_days: int | None
    expires_after_months: int | None


class RewardView(View):
    """An entry of the catalogue; `available` is false while no voucher is left."""

    reward: str
    kind: str
    name: str
    points: int
    limit: int | None
    valid_until: datetime | None
    available: bool


class RedemptionView(View):
    """A redemption as its member sees it; `code` is a voucher's, null where there is none or it was erased."""

    redemption: UUID
    reward: str
    kind: str
    points: int
    code: str | None
    redeemed_at: datetime
    fulfilled_at: datetime | None
    failed_at: datetime | None


class OrderView(View):
    """A redemption as staff sees it, without its code; `name` is the reward's, its id where the catalogue lacks it."""

    redemption: UUID
    member: UUID
    reward: str
    name: str
    kind: str
    points: int
    redeemed_at: datetime
    fulfilled_at: datetime | None
    failed_at: datetime | None


class AddressView(View):
    """Where a shipment goes."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str


class DestinationView(View):
    """Where a reward goes: to an account or an address; neither once it has ended, or was erased."""

    redemption: UUID
    account: str | None = None
    address: AddressView | None = None


def destination_view(redemption: Redemption, opened: object) -> DestinationView:
    """Return where a reward goes, by what was found in its box."""
    if redemption.destination is None or not isinstance(opened, str):
        return DestinationView(redemption=redemption.id)
    if redemption.destination.kind == "address":
        return DestinationView(redemption=redemption.id, address=AddressView.model_validate_json(opened))
    return DestinationView(redemption=redemption.id, account=opened)


def reward_view(reward: Reward, language: str, stocked: set[str]) -> RewardView:
    """Return an entry of the catalogue in a language."""
    return RewardView(
        reward=reward.id,
        kind=reward.kind,
        name=reward.name_de if language == "de" else reward.name_en,
        points=reward.points,
        limit=reward.limit,
        valid_until=reward.valid_until,
        available=reward.kind != "voucher" or reward.id in stocked,
    )


def redemption_view(redemption: Redemption, code: str | None) -> RedemptionView:
    """Return a redemption as its member sees it."""
    return RedemptionView(
        redemption=redemption.id,
        reward=redemption.reward_id,
        kind=redemption.kind,
        points=redemption.points,
        code=code,
        redeemed_at=redemption.redeemed_at,
        fulfilled_at=redemption.fulfilled_at,
        failed_at=redemption.failed_at,
    )


def order_view(redemption: Redemption, reward: Reward | None, language: str = "de") -> OrderView:
    """Return a redemption as staff sees it."""
    names = {} if reward is None else {"de": reward.name_de, "en": reward.name_en}
    return OrderView(
        name=names.get(language, redemption.reward_id),
        redemption=redemption.id,
        member=redemption.member_id,
        reward=redemption.reward_id,
        kind=redemption.kind,
        points=redemption.points,
        redeemed_at=redemption.redeemed_at,
        fulfilled_at=redemption.fulfilled_at,
        failed_at=redemption.failed_at,
    )


def earning_view(rule: Rule) -> EarningView:
    """Return a rule for those who earn by it."""
    return EarningView(
        rule=rule.id,
        kind=rule.kind,
        points=rule.points,
        per_minutes=rule.per_minutes,
        minimum_minutes=rule.minimum_minutes,
        minimum_participants=rule.minimum_participants,
        points_a_day=rule.cap_day,
        points_a_month=rule.cap_month,
        expires_after_days=rule.expires_after_days,
        expires_after_months=rule.expires_after_months,
    )
