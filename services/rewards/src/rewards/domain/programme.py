"""Changing the programme: a rule that is known is never overwritten, a change is a later version (REW-3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rewards.domain.rules import Rule


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the installation: the market of members who name none, and what a reversal may do (REW-9).

    With `within_balance` a reversal leaves the balance at zero or more, and what is spent stays with the member.
    `sources` names who may report meetings for which source.
    """

    default_market: str
    within_balance: bool
    sources: Mapping[str, Sequence[str]]


class RuleRewritten(Exception):
    """Other terms stand under this valid_from already: correct them, or give the change a later one."""


class RuleTooEarly(Exception):
    """A change of a known rule begins later than its last version and in the future: what was held is judged."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What new rules do to meetings that were held already: points posted and taken back, and of how many members."""

    posted: int = 0
    reversed: int = 0
    members: int = 0


def next_version(
    wanted: Rule, known: Sequence[Rule], evaluated_until: datetime | None, *, correct: bool = False
) -> Rule | None:
    """Return the rule as a new version, None where it is known as it is; raises RuleRewritten or RuleTooEarly.

    `evaluated_until` is the moment up to which meetings may have been evaluated by this rule, None for a new rule. To
    `correct` a version is to add another one under the same valid_from, which counts instead.
    """
    same = max(
        (version for version in known if version.valid_from == wanted.valid_from),
        key=lambda version: version.version,
        default=None,
    )
    next_number = max((version.version for version in known), default=0) + 1
    if same is not None:
        if replace(wanted, version=same.version) == same:
            return None
        if not correct:
            raise RuleRewritten
        return replace(wanted, version=next_number)
    last = max((version.valid_from for version in known), default=None)
    if last is not None and wanted.valid_from <= max(last, evaluated_until or last):
        raise RuleTooEarly
    return replace(wanted, version=next_number)
