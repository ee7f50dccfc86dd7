"""What an invariant is, and how it is judged."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """A sentence that is true of a sound suite, and a query for what breaks it: one column, the offender by its id."""

    sentence: str
    offenders: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """Sentences that hold together; `name` is the one used in FAULTS.md, I9 and on are the checker's own."""

    name: str
    title: str
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True)
class Breach:
    """A sentence that is not true, by how many it is broken, and the first of them."""

    sentence: str
    count: int
    first: Sequence[str]


@dataclass(slots=True)
class Verdict:
    """What was found of an invariant."""

    invariant: Invariant
    breaches: list[Breach] = field(default_factory=list[Breach])

    @property
    def held(self) -> bool:
        """Whether nothing breaks it."""
        return not self.breaches


def judge(scratch: sqlite3.Connection, invariants: Sequence[Invariant]) -> list[Verdict]:
    """Ask every question of every invariant."""
    verdicts: list[Verdict] = []
    for invariant in invariants:
        verdict = Verdict(invariant)
        for check in invariant.checks:
            found = [str(row[0]) for row in scratch.execute(check.offenders)]
            if found:
                verdict.breaches.append(Breach(check.sentence, len(found), found[:SHOWN]))
        verdicts.append(verdict)
    return verdicts


def told(verdict: Verdict) -> list[str]:
    """One line for an invariant, and one for each sentence that is broken."""
    word = "held  " if verdict.held else "BROKEN"
    lines = [f"{verdict.invariant.name:<4} {word}  {verdict.invariant.title}"]
    for breach in verdict.breaches:
        more = f" and {breach.count - len(breach.first)} more" if breach.count > len(breach.first) else ""
        lines.append(f"       not so: {breach.sentence}: {', '.join(breach.first)}{more}")
    return lines
