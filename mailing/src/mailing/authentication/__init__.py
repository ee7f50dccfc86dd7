"""Who sent a message, by SPF, DKIM and DMARC; whoever cannot be asked proves nothing."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from mailing.authentication.arc import check_arc
from mailing.authentication.author import Author, NoAuthor, author_of, read_head
from mailing.authentication.dmarc import DmarcResult, Policy, check_dmarc, is_registered
from mailing.authentication.signatures import Signature, check_signatures
from mailing.authentication.spf import SpfResult, check_spf
from mailing.authentication.verdicts import Verdict
from mailing.resolver import Questions, Resolver

__all__ = [
    "Authentication",
    "Author",
    "DmarcResult",
    "Policy",
    "Signature",
    "SpfResult",
    "Verdict",
    "authenticate",
    "is_registered",
]

# SPF's ten mechanisms may ask for ten hosts each; honest messages need a dozen (RFC 7208 4.6.4)
MOST_QUESTIONS = 60
ALL_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Authentication:
    """What is proven of a message; without an author nothing is, and `no_author` says why there is none."""

    author: Author | None
    no_author: str
    spf: SpfResult
    signatures: tuple[Signature, ...]
    dmarc: DmarcResult
    arc: Verdict = Verdict.NONE
    by_arc: bool = False

    @property
    def proves_author(self) -> bool:
        """The author's domain stands for the message: by its DMARC policy, or, without one, by a signature of its own.

        Or a trusted server has judged so before another one changed the message (`by_arc`).
        Without a policy SPF is not enough: many domains let half the world send for them.
        """
        if self.author is None:
            return False
        if self.by_arc or self.dmarc.verdict is Verdict.PASS:
            return True
        return self.dmarc.verdict is Verdict.NONE and self.dmarc.dkim_aligned

    @property
    def unanswered(self) -> bool:
        """Name servers did not answer, so that the same message may be proven later: a refusal for now (4xx)."""
        verdicts = {self.spf.verdict, self.dmarc.verdict, self.arc, *(each.verdict for each in self.signatures)}
        return self.author is not None and not self.proves_author and Verdict.TEMPERROR in verdicts


async def authenticate(
    raw: bytes, peer: str, helo: str, envelope_sender: str, resolver: Resolver, sealers: Collection[str] = ()
) -> Authentication:
    """Judge a message that came from the peer's address with this greeting and envelope sender ("" for none).

    Where nothing else proves the author, what an ARC chain says is believed if only `sealers` have sealed it.
    """
    questions = Questions(resolver, MOST_QUESTIONS, ALL_SECONDS)
    spf = await check_spf(peer, helo, envelope_sender, questions)
    signatures = tuple[Signature, ...]()
    try:
        head = read_head(raw)
        signatures = await check_signatures(raw, head, questions)
        author = author_of(head)
    except NoAuthor as error:
        nothing = DmarcResult(Verdict.PERMERROR, dkim_aligned=False, spf_aligned=False)
        return Authentication(None, str(error), spf, signatures, nothing)
    dmarc = await check_dmarc(raw, author.domain, spf, signatures, questions)
    found = Authentication(author, "", spf, signatures, dmarc)
    if found.proves_author or not sealers:
        return found
    chain = await check_arc(raw, head, questions)
    return replace(found, arc=chain.verdict, by_arc=chain.proves(author.domain, sealers))
