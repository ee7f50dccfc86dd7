"""What a side asks for at the desk, by the first words of what it writes: nobody has to open a page (MAIL-15)."""

from dataclasses import dataclass

from mail_relay.domain.claim import Reason

# how many lines of a text are read, its subject among them
FIRST_LINES = 4
REASONS = {
    Reason.NOT_RECEIVED: ("nicht erhalten", "nicht bekommen", "not received"),
    Reason.NOT_AS_DESCRIBED: ("nicht wie beschrieben", "not as described"),
    Reason.DOES_NOT_RUN: ("läuft nicht", "does not run"),
}
SETTLED = ("[erledigt]", "[settled]")
# as casefold has it: ß is ss
CLOSE = ("[schliessen]", "[close]")
REOPEN = ("[öffnen]", "[reopen]")
NO_ANSWER = ("[keine antwort nötig]", "[no answer needed]")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message to the desk asks for, beside what it says: which of it counts depends on who writes, and when.

    `closing` the conversation, or opening it again where that is False.
    """

    reason: Reason = Reason.OTHER
    settled: bool = False
    no_answer_needed: bool = False
    closing: bool | None = None


NOTHING = Asked()


def asked(words: str) -> Asked:
    """Return what the first lines of a person's own words ask for; the subject is the first."""
    lines = [line for line in words.splitlines() if line.strip()]
    head = " ".join(" ".join(lines[:FIRST_LINES]).casefold().split())
    found = (reason for reason, names in REASONS.items() if any(name in head for name in names))
    settled, no_answer, close, reopen = (
        any(word in head for word in words) for words in (SETTLED, NO_ANSWER, CLOSE, REOPEN)
    )
    # who says both has quoted what can be said
    closing = close if close is not reopen else None
    return Asked(next(found, Reason.OTHER), settled, no_answer, closing)
