"""Who sent a message, by SPF, DKIM and DMARC; whoever cannot be asked proves nothing."""

from dataclasses import dataclass

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

    @property
    def proves_author(self) -> bool:
        """The author's domain stands for the message: by its DMARC policy, or, without one, by a signature of its own.

        Without a policy SPF is not enough: many domains let half the world send for them.
        """
        if self.author is None:
            return False
        return self.dmarc.verdict is Verdict.PASS or (self.dmarc.verdict is Verdict.NONE and self.dmarc.dkim_aligned)

    @property
    def unanswered(self) -> bool:
        """Name servers did not answer, so that the same message may be proven later: a refusal for now (4xx)."""
        verdicts = {self.spf.verdict, self.dmarc.verdict, *(each.verdict for each in self.signatures)}
        return self.author is not None and not self.proves_author and Verdict.TEMPERROR in verdicts


async def authenticate(raw: bytes, peer: str, helo: str, envelope_sender: str, resolver: Resolver) -> Authentication:
    """Judge a message that came from the peer's address with this greeting and envelope sender ("" for none)."""
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
    return Authentication(author, "", spf, signatures, dmarc)
