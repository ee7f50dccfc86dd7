"""What in a person's own words leads away from the platform (MAIL-10, K17)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from mail_relay.domain.policy.accounts import accounts
from mail_relay.domain.policy.emails import emails
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded, closed, fold
from mail_relay.domain.policy.handles import handles
from mail_relay.domain.policy.invitations import invitations
from mail_relay.domain.policy.links import links
from mail_relay.domain.policy.plainness import code_in
from mail_relay.domain.policy.telephones import telephones

# Code is full of what looks like hosts, numbers and names, and is no hiding place for a whole address either.
_LESS_IN_CODE = {Kind.EMAIL: 0.3, Kind.LINK: 0.4, Kind.TELEPHONE: 0.3, Kind.HANDLE: 0.5, Kind.INVITATION: 0.2}
# what is less likely than this is not worth a line in a record
LEAST = 0.3
# longer texts are pasted logs; what a person writes stands at the beginning or at the end
LONGEST = 20_000


def detect(text: str, own_domains: Collection[str] = ()) -> list[Finding]:
    """Return what leads away from the platform in what the author wrote, by place; of findings that overlap the surest.

    Quotes are to be stripped before. `own_domains` are the shop's, in lower case; what is below them is the shop's too.
    The text's beginning and end, half of `LONGEST` signs each, are read.
    """
    if len(text) > LONGEST:
        half = LONGEST // 2
        return _surest([*_read(text[:half], 0, own_domains), *_read(text[-half:], len(text) - half, own_domains)])
    return _surest(_read(text, 0, own_domains))


def _read(text: str, offset: int, own_domains: Collection[str]) -> Iterator[Finding]:
    code = code_in(text)
    folded = fold(text)
    spelt_out = closed(folded)
    for version in (folded,) if spelt_out is folded else (folded, spelt_out):
        for finding in _found(version, own_domains):
            coded = any(start <= finding.start and finding.end <= end for start, end in code)
            confidence = round(finding.confidence - (_LESS_IN_CODE.get(finding.kind, 0) if coded else 0), 2)
            if confidence >= LEAST:
                yield replace(finding, start=finding.start + offset, end=finding.end + offset, confidence=confidence)


def _found(folded: Folded, own_domains: Collection[str]) -> Iterator[Finding]:
    yield from emails(folded, own_domains)
    yield from links(folded, own_domains)
    yield from telephones(folded)
    yield from accounts(folded)
    yield from handles(folded)
    yield from invitations(folded)


def _surest(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that overlap no surer one; of equals the longer."""
    chosen: list[Finding] = []
    taken: set[int] = set()
    for finding in sorted(findings, key=lambda found: (-found.confidence, found.start - found.end, found.start)):
        place = range(finding.start, finding.end)
        if taken.isdisjoint(place):
            taken.update(place)
            chosen.append(finding)
    return sorted(chosen, key=lambda found: found.start)
