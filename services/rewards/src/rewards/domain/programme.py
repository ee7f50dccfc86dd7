"""Changing the programme: a rule that is known is never overwritten, a change is a later version (REW-3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rewards.domain.rules import Rule


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the installation: the market of members who name none, and what a reversal may do (REW-9).

    With `within_balance` a reversal leaves the balance at zero or more, and what is spent stays with the member.
    """

    default_market: str
    within_balance: bool


class RuleRewritten(Exception):
    """Other terms stand under this valid_from already: give the change a later one, for what was held is judged."""


class RuleTooEarly(Exception):
    """A change of a known rule begins later than its last version and in the future: what was held is judged."""


def next_version(wanted: Rule, known: Sequence[Rule], evaluated_until: datetime | None) -> Rule | None:
    """Return the rule as a new version, None where it is known as it is; raises RuleRewritten or RuleTooEarly.

    `evaluated_until` is the moment up to which meetings may have been evaluated by this rule, None for a new rule.
    """
    same = next((version for version in known if version.valid_from == wanted.valid_from), None)
    if same is not None:
        if replace(wanted, version=same.version) != same:
            raise RuleRewritten
        return None
    last = max(known, key=lambda version: version.valid_from, default=None)
    if last is None:
        return replace(wanted, version=1)
    if wanted.valid_from <= max(last.valid_from, evaluated_until or last.valid_from):
        raise RuleTooEarly
    return replace(wanted, version=last.version + 1)
