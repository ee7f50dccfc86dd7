"""Whether the domain of an author stands for a message: DMARC (RFC 7489).

authheaders does not serve: it cuts a domain at its first hyphen, knows no `pct`, reads the list of suffixes for every
question, and takes a name server that fails for a domain without a policy.
"""

import functools
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from publicsuffixlist import PublicSuffixList

from mailing.authentication.signatures import Signature
from mailing.authentication.spf import SpfResult
from mailing.authentication.verdicts import Verdict
from mailing.resolver import Questions, Unanswered


class Policy(StrEnum):
    """What the owner of a domain asks for where DMARC fails."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


POLICIES = frozenset(policy.value for policy in Policy)
WEAKER = {Policy.REJECT: Policy.QUARANTINE, Policy.QUARANTINE: Policy.NONE, Policy.NONE: Policy.NONE}


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """The verdict, and what proved it: `dkim_aligned` and `spf_aligned` say whose passes are for the author's domain.

    `policy` is what the owner asks for this domain, `disposition` what that comes to for this message: nothing if it
    passed, and less than asked for the part that `pct` leaves out. `record_of` is the domain that has the record.
    """

    verdict: Verdict
    dkim_aligned: bool
    spf_aligned: bool
    policy: Policy = Policy.NONE
    disposition: Policy = Policy.NONE
    record_of: str = ""


async def check_dmarc(
    raw: bytes, domain: str, spf: SpfResult, signatures: Collection[Signature], questions: Questions
) -> DmarcResult:
    """Judge the domain of an author by what SPF and DKIM have proved."""
    try:
        record_of, tags = await _record(domain, questions)
    except Unanswered as error:
        verdict = Verdict.TEMPERROR if error.temporary else Verdict.PERMERROR
        return DmarcResult(verdict, dkim_aligned=False, spf_aligned=False)
    strict_dkim, strict_spf = (tags.get(tag, "r").lower() == "s" for tag in ("adkim", "aspf"))
    dkim = {each.verdict for each in signatures if _aligned(each.domain, domain, strict=strict_dkim)}
    envelope = {spf.verdict} if _aligned(spf.domain, domain, strict=strict_spf) else set[Verdict]()
    by_dkim, by_spf = Verdict.PASS in dkim, Verdict.PASS in envelope
    if not tags:
        return DmarcResult(Verdict.NONE, by_dkim, by_spf)
    policy = _policy(tags, subdomain=record_of != domain)
    if by_dkim or by_spf:
        return DmarcResult(Verdict.PASS, by_dkim, by_spf, policy, record_of=record_of)
    verdict = Verdict.TEMPERROR if Verdict.TEMPERROR in dkim | envelope else Verdict.FAIL
    disposition = policy if _share(raw) < _percent(tags) else WEAKER[policy]
    return DmarcResult(verdict, by_dkim, by_spf, policy, disposition, record_of)


@functools.cache
def _suffixes() -> PublicSuffixList:
    """Read the list of suffixes that came with the package, once."""
    return PublicSuffixList()


def organisational_domain(domain: str) -> str:
    """Return the domain that was registered (RFC 7489 3.2); a public suffix has only itself."""
    return _suffixes().privatesuffix(domain) or domain


def is_registered(domain: str) -> bool:
    """Return whether a domain is somebody's, and no public suffix under which anybody registers one."""
    return _suffixes().privatesuffix(domain) is not None


def _aligned(proven: str, domain: str, *, strict: bool) -> bool:
    """Say whether what was proven is for the author's domain (RFC 7489 3.1)."""
    proven = proven.lower().rstrip(".")
    return proven == domain or (not strict and organisational_domain(proven) == organisational_domain(domain))


async def _record(domain: str, questions: Questions) -> tuple[str, dict[str, str]]:
    """Find the record of a domain, or of the one it was registered under (RFC 7489 6.6.3)."""
    for place in dict.fromkeys((domain, organisational_domain(domain))):
        texts = [text.decode("ascii", "replace") for text in await questions.records(f"_dmarc.{place}", "TXT")]
        records = [tags for text in texts if (tags := _tags(text))]
        if len(records) > 1:
            break
        if records:
            return place, _usable(records[0])
    return domain, {}


def _tags(text: str) -> dict[str, str]:
    """Read a record; nothing if it does not begin as one (RFC 7489 6.3)."""
    pairs = [pair.split("=", 1) for pair in text.split(";") if "=" in pair]
    tags = {tag.strip().lower(): value.strip() for tag, value in reversed(pairs)}
    begins = text.partition(";")[0].replace(" ", "").replace("\t", "")
    return tags if begins.lower() == "v=dmarc1" and begins.endswith("DMARC1") else {}


def _usable(tags: dict[str, str]) -> dict[str, str]:
    """Without a policy that can be read, a record only asks for reports, or is none (RFC 7489 6.6.3 6)."""
    if {tags.get("p", "").lower(), tags.get("sp", "none").lower()} <= POLICIES:
        return tags
    return tags | {"p": "none", "sp": "none"} if "mailto:" in tags.get("rua", "").lower() else {}


def _policy(tags: dict[str, str], *, subdomain: bool) -> Policy:
    return Policy((tags.get("sp", tags["p"]) if subdomain else tags["p"]).lower())


def _percent(tags: dict[str, str]) -> int:
    percent = tags.get("pct", "100")
    return int(percent) if percent.isascii() and percent.isdigit() and len(percent) <= 3 else 100


def _share(raw: bytes) -> int:
    """Draw a number from 0 to 99 by the message, so that it is judged alike when it is tried again."""
    return int.from_bytes(hashlib.sha256(raw).digest()[:8], "big") % 100
