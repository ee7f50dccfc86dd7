"""A programme's file: YAML, read strictly, every fault with its line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from chassis.lists import Fault, FileRefused, Lines, moment, read_document, whole
from chassis.refusals import sentence, slug
from contracts.bounds import YEARS
from contracts.rewards import RewardKind
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rewards.domain.rewards import Reward
from rewards.domain.rules import Rule, RuleKind

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Market = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Markets = Annotated[list[Market], Field(min_length=1, max_length=300)]
Whole = Annotated[int, BeforeValidator(whole)]
Points = Annotated[Whole, Field(ge=1, le=1_000_000_000)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


def _in_range(at: datetime) -> datetime:
    """Refuse a moment that some time zone cannot express."""
    if at.year not in YEARS:
        raise ValueError("is out of range")
    return at


Moment = Annotated[datetime, BeforeValidator(moment), AfterValidator(_in_range)]


class Entry(BaseModel):
    """The base of what a file lists: unknown fields are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Dated(Entry):
    """What is valid from a moment on, for ever where no end is given."""

    valid_from: Moment
    valid_until: Moment | None = None

    @model_validator(mode="after")
    def _lasts(self) -> "Dated":
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("valid_until is not after valid_from")
        return self


class RuleEntry(Dated):
    """A version of a rule; without markets it is valid in all."""

    rule: Name
    kind: RuleKind
    points: Annotated[Whole, Field(ge=0, le=1_000_000)]
    per_minutes: Annotated[Whole, Field(ge=1, le=1440)] = 60
    minimum_minutes: Annotated[Whole, Field(ge=1, le=1440)]
    minimum_participants: Annotated[Whole, Field(ge=1, le=10_000)]
    points_a_day: Points | None = None
    points_a_month: Points | None = None
    markets: Markets | None = None
    expires_after_days: Annotated[Whole, Field(ge=1, le=36_500)] | None = None
    expires_after_months: Annotated[Whole, Field(ge=1, le=1_200)] | None = None

    @model_validator(mode="after")
    def _expires_once(self) -> "RuleEntry":
        if self.expires_after_days is not None and self.expires_after_months is not None:
            raise ValueError("points expire after days or after months, not both")
        return self

    def to_rule(self) -> Rule:
        """Return the rule, whose version is given when it is stored."""
        return Rule(
            id=self.rule,
            version=0,
            kind=self.kind,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            points=self.points,
            per_minutes=self.per_minutes,
            minimum_minutes=self.minimum_minutes,
            minimum_participants=self.minimum_participants,
            cap_day=self.points_a_day,
            cap_month=self.points_a_month,
            markets=frozenset(self.markets or ()),
            expires_after_days=self.expires_after_days,
            expires_after_months=self.expires_after_months,
        )


class Names(Entry):
    """What a reward is called."""

    de: Text
    en: Text


class RewardEntry(Dated):
    """A reward; without markets it is offered in all."""

    reward: Name
    kind: RewardKind
    names: Names
    points: Points
    markets: Markets | None = None
    limit: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None

    def to_reward(self) -> Reward:
        """Return the reward."""
        return Reward(
            id=self.reward,
            kind=self.kind,
            name_de=self.names.de,
            name_en=self.names.en,
            points=self.points,
            markets=frozenset(self.markets or ()),
            limit=self.limit,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class ProgrammeFile(Entry):
    """The rules and the catalogue."""

    rules: Annotated[list[RuleEntry], Field(max_length=1000)] = Field(default_factory=list[RuleEntry])
    rewards: Annotated[list[RewardEntry], Field(max_length=1000)] = Field(default_factory=list[RewardEntry])


@dataclass(frozen=True, slots=True)
class Programme:
    """The content of a file, and the lines where it stands."""

    rules: list[Rule]
    rewards: list[Reward]
    lines: Lines

    def fault(self, part: str, index: int, error: Exception) -> Fault:
        """Return the refusal of one entry as a fault."""
        return Fault(self.lines.of((part, index)), slug(type(error)), sentence(type(error)))


def read_programme(content: bytes) -> Programme:
    """Return a file's rules and rewards; raises FileRefused with all its faults."""
    file, lines = read_document(content, ProgrammeFile)
    names = [entry.reward for entry in file.rewards]
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        raise FileRefused([Fault(lines.of(("rewards", at)), "repeated", "This reward stands twice.") for at in twice])
    return Programme([entry.to_rule() for entry in file.rules], [entry.to_reward() for entry in file.rewards], lines)
