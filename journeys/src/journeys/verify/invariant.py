"""What an invariant is, and how it is checked."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Check:
    """A sentence that is true of a sound suite, and a query whose one column names what breaks it by id."""

    sentence: str
    offenders: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """Checks of one subject; `name` is the id in docs/faults.md."""

    name: str
    title: str
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class Breach:
    """A sentence that is not true: how many break it, and the first of them."""

    sentence: str
    count: int
    first: Sequence[str]


@dataclass(slots=True)
class Verdict:
    """The outcome of an invariant's checks."""

    invariant: Invariant
    breaches: list[Breach] = field(default_factory=list[Breach])

    @property
    def held(self) -> bool:
        """Return whether nothing breaks it."""
        return not self.breaches


def judge(scratch: sqlite3.Connection, invariants: Sequence[Invariant]) -> list[Verdict]:
    """Run every check of every invariant."""
    verdicts: list[Verdict] = []
    for invariant in invariants:
        verdict = Verdict(invariant)
        for check in invariant.checks:
            offenders = [str(row[0]) for row in scratch.execute(check.offenders)]
            if offenders:
                verdict.breaches.append(Breach(check.sentence, len(offenders), offenders[:EXAMPLES]))
        verdicts.append(verdict)
    return verdicts


def lines_of(verdict: Verdict) -> list[str]:
    """Return one line for an invariant, and one for each sentence that is not true."""
    word = "held  " if verdict.held else "BROKEN"
    lines = [f"{verdict.invariant.name:<4} {word}  {verdict.invariant.title}"]
    for breach in verdict.breaches:
        more = f" and {breach.count - len(breach.first)} more" if breach.count > len(breach.first) else ""
        lines.append(f"       not so: {breach.sentence}: {', '.join(breach.first)}{more}")
    return lines
