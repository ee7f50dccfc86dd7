"""What a tenant has done about messages, in versions that are announced before they act (MAIL-10, MAIL-18)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from types import MappingProxyType

from mail_relay.domain.policy.file_type import ALLOWED, FileType
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.handling import Coverage, Ownership
from mail_relay.domain.policy.limits import Limits


class Action(IntEnum):
    """What is done with a message; of several the strictest."""

    PASS = 0
    WARN = 1
    HOLD = 2
    BLOCK = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """What a kind of finding leads to when its confidence (0 to 1) is the threshold or more."""

    action: Action
    threshold: float


# a first version does harm to nobody: it warns, and holds only what money could be lost by
USUAL: Mapping[Kind, Measure] = MappingProxyType(
    {
        Kind.EMAIL: Measure(Action.WARN, 0.5),
        Kind.TELEPHONE: Measure(Action.WARN, 0.5),
        Kind.LINK: Measure(Action.WARN, 0.6),
        Kind.HANDLE: Measure(Action.WARN, 0.5),
        Kind.INVITATION: Measure(Action.WARN, 0.6),
        Kind.ACCOUNT: Measure(Action.HOLD, 0.9),
        Kind.FILE: Measure(Action.HOLD, 0.5),
        Kind.MALWARE: Measure(Action.HOLD, 0),
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a tenant's rules, in force from an instant on; a kind without a measure passes.

    `own_domains` are the tenant's beside the operator's, `files` the types that pass, `limits` None those of the
    operator. With `typed`, a seller who was not asked writes messages with a type only (MAIL-12).
    """

    version: int
    valid_from: datetime
    measures: Mapping[Kind, Measure]
    own_domains: frozenset[str] = frozenset()
    coverage: Coverage = Coverage.ALL
    ownership: Ownership = Ownership.MARKETPLACE
    files: frozenset[FileType] = ALLOWED
    limits: Limits | None = None
    opt_out: bool = True
    typed: bool = False


FIRST = Policy(0, datetime(2000, 1, 1, tzinfo=UTC), USUAL)
"""The version of a tenant that has published none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a message, by which version, and because of which finding."""

    action: Action
    version: int | None
    finding: Finding | None

    @property
    def rule(self) -> str | None:
        """The name of the rule for the record."""
        return self.finding.rule if self.finding else None

    @property
    def unproven(self) -> bool:
        """Whether it is not proven who wrote the message."""
        return self.finding is not None and self.finding.kind is Kind.SENDER


def quarantined(policy: Policy) -> Decision:
    """Return what is done with a message of which it is not proven who wrote it, whatever a version says (F-M20)."""
    return Decision(Action.HOLD, policy.version, Finding(Kind.SENDER, 0, 0, 1.0, "dmarc.quarantine"))


def valid_at(policies: Collection[Policy], written_at: datetime) -> Policy | None:
    """Return the version that was in force when a message was written, None before the first (MAIL-18).

    Of versions that begin at the same instant the later number counts.
    """
    in_force = [policy for policy in policies if policy.valid_from <= written_at]
    return max(in_force, key=lambda policy: (policy.valid_from, policy.version), default=None)


def decide(policy: Policy | None, findings: Collection[Finding]) -> Decision:
    """Return what a version does about findings: the strictest action, named by its surest finding (MAIL-10)."""
    if policy is None:
        return Decision(Action.PASS, None, None)
    acting = [
        (measure.action, finding.confidence, -finding.start, finding)
        for finding in findings
        if (measure := policy.measures.get(finding.kind)) and finding.confidence >= measure.threshold
    ]
    action, _, _, finding = max(acting, key=lambda act: act[:3], default=(Action.PASS, 0.0, 0, None))
    return Decision(action, policy.version, None if action is Action.PASS else finding)
