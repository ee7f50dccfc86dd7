"""E-mail addresses, plain and disguised."""

import re
from collections.abc import Collection, Iterator

from mail_relay.domain.policy.endings import COMMON, PROVIDER_HINT, PROVIDERS, SPOKEN
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.hinted import hinted
from mail_relay.domain.policy.plainness import is_ours

_OPEN, _CLOSE = r"[(\[{<*_/\\|-]\s?", r"\s?[)\]}>*_/\\|-]"
_AT_WORD = "at|ät|aet|et|@|a|klammeraffe|affenschwanz|affe"
_AT = rf"(?:\s*{_OPEN}(?:{_AT_WORD}){_CLOSE}\s*|\s*@\s*|\s+(?:at|ät|aet|(?:at-?zeichen|klammeraffe|affenschwanz))\s+)"
_DOT_WORD = r"dot|punkt|pkt|point|d0t"
_DOT = rf"(?:\s*{_OPEN}(?:{_DOT_WORD}|\.){_CLOSE}\s*|\s+(?:{_DOT_WORD})\s+|\s?\.\s?)"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LOCAL = rf"[\w+-]{{1,64}}(?:(?:{_DOT}|\s(?:underscore|unterstrich|minus|bindestrich)\s)[\w+-]{{1,64}}){{0,3}}"

# a word of _AT; neither letter nor digit touches it there
_AT_SEEN = re.compile("|".join(rf"{word}(?![^\W_])(?<![^\W_]{word})" for word in ("at", "ät", "aet")))
_AT_SHORT = re.compile(rf"{_OPEN}(?:a|et){_CLOSE}")

_PLAIN = hinted(rf"(?<![\w.+-])(?P<local>[\w.+-]+)@(?P<host>(?:{_LABEL}\.)+[^\W\d_]{{2,}})", "@")
# git@host:path and npm's package@version are no mailboxes
_REPOSITORY = re.compile(r"git@[\w.-]+[:/]")
_WRITTEN = re.compile(
    rf"(?<![\w.+-])(?P<local>{_LOCAL}){_AT}(?P<host>{_LABEL}(?:{_DOT}{_LABEL}){{0,2}}?{_DOT}(?:{COMMON}))\b"
)
_BY = hinted(
    rf"(?<![\w.+-])(?P<local>{_LOCAL})\s+bei\s+(?P<host>{_LABEL}\s+(?:{_DOT_WORD})\s+(?:{SPOKEN}))\b", _DOT_WORD, "bei"
)
_PROVIDER = hinted(rf"(?<![\w.+-])(?P<local>{_LOCAL}){_AT}(?:{PROVIDERS})\b", PROVIDER_HINT)
_SURE_PROVIDER = re.compile(rf"[\d._]|{_DOT_WORD}|underscore|unterstrich|[(\[{{@]|\bät\b")
_ADDRESSED = re.compile(r"(?:e-?mail|adresse|address|reach|erreich|schreib|write|mail)\W[^.!?\n]{0,40}$")
# "the download at shop.example.com": a word of the sentence before "at" is nobody's mailbox
_SENTENCE = re.compile(
    r"(?:\b(?:is|are|was|it|them|look|available|buy|bought|found|find|me|us|see|sold|version|page|here)|\d)$"
)
_HALVED = hinted(
    rf"(?:mein|my|die|the|vor dem|before the)\b[^.!?\n]{{0,30}}(?:@|\b(?:at-?\s?(?:zeichen|sign)|"
    rf"klammeraffe)\b)[^.!?\n]{{0,40}}\b(?:{PROVIDERS})\b",
    "@|zeichen|sign|klammeraffe",
    PROVIDER_HINT,
)


def _squeezed(host: str) -> str:
    """Return a written-out host with its full stops."""
    return re.sub(_DOT, ".", host).replace(" ", "")


def _has_at(folded: Folded) -> bool:
    seen = folded.has_any(("@", "affe")) or _AT_SEEN.search(folded.words)
    return bool(seen or _AT_SHORT.search(folded.text))


def emails(folded: Folded, own_domains: Collection[str]) -> Iterator[Finding]:
    """Yield the mailboxes that a text names in whatever spelling, without the shop's own."""

    def finding(match: re.Match[str], confidence: float, rule: str) -> Finding:
        return Finding(Kind.EMAIL, *folded.span(*match.span()), confidence, f"email.{rule}")

    text = folded.text
    for match in _PLAIN.finditer(folded):
        if not is_ours(match["host"], own_domains) and not _REPOSITORY.match(text, match.start()):
            yield finding(match, 0.98, "plain")
    has_at = _has_at(folded)
    for match in _WRITTEN.finditer(text) if has_at else ():
        plain = "@" in match[0] or ("." in match["host"] and match["host"].count(" ") == 0)
        sentence = _SENTENCE.search(match["local"]) and not re.search(r"[@(\[{]|ät", match[0])
        if not sentence and not is_ours(_squeezed(match["host"]), own_domains) and not _REPOSITORY.match(match[0]):
            yield finding(match, 0.9 if not plain or "@" in match[0] else 0.75, "written")
    for match in _BY.finditer(folded):
        yield finding(match, 0.85, "written")
    for match in _PROVIDER.finditer(folded) if has_at else ():
        if _SURE_PROVIDER.search(match[0]) or _ADDRESSED.search(text, 0, match.start()):
            yield finding(match, 0.75, "provider")
    for match in _HALVED.finditer(folded):
        yield finding(match, 0.7, "described")
