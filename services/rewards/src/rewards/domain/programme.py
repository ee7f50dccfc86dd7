"""Changing the programme: a rule that is known is never overwritten, a change is a later version (REW-3)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rewards.domain.rules import Rule


class RuleRewritten(Exception):
    """Other terms stand under this valid_from already: give the change a later one, for what was held is judged."""


class RuleTooEarly(Exception):
    """A change of a known rule begins later than its last version and in the future: what was held is judged."""


def next_version(wanted: Rule, known: Sequence[Rule], judged_until: datetime | None) -> Rule | None:
    """The rule as a new version, None where it is known as it is; raises RuleRewritten or RuleTooEarly.

    `judged_until` is the moment up to which meetings may have been judged by this rule, None for a new rule.
    """
    same = next((version for version in known if version.valid_from == wanted.valid_from), None)
    if same is not None:
        if replace(wanted, version=same.version) != same:
            raise RuleRewritten
        return None
    last = max(known, key=lambda version: version.valid_from, default=None)
    if last is None:
        return replace(wanted, version=1)
    if wanted.valid_from <= max(last.valid_from, judged_until or last.valid_from):
        raise RuleTooEarly
    return replace(wanted, version=last.version + 1)
