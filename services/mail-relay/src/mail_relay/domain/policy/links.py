"""Links and domains, plain and disguised."""

import re
from collections.abc import Collection, Iterator

from mail_relay.domain.policy.endings import COMMON, NAMES, SPOKEN
from mail_relay.domain.policy.finding import Finding, Kind
from mail_relay.domain.policy.folding import Folded
from mail_relay.domain.policy.hinted import hinted
from mail_relay.domain.policy.plainness import is_ours, is_private

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_URL = hinted(
    r"\b(?:https?|hxxps?|ftps?)\s?(?::|\[:\])\s?//\s?(?:[^\s/@]*@)?(?P<host>\[[0-9a-f:]+\]|[\w.\[\]()-]+)[^\s<>\"']*",
    "//",
)
_WWW = hinted(rf"\bwww\s?(?:\.|\[\.\]|\(\.\)|\spunkt|\sdot)\s?(?P<host>{_LABEL}(?:\.{_LABEL})*)", "www")
_BARE = hinted(
    rf"(?<![\w.@/\\$-])(?P<host>(?:{_LABEL}\.)+(?:{COMMON}))(?![\w(-]|\.\w|\\)(?P<path>/[\w/?=&%.#-]*)?",
    re.compile(rf"\.(?:{COMMON})(?![\w(-])"),
)
_DOT_WORD = r"dot|punkt|pkt|d0t"
_WRITTEN = hinted(
    rf"(?<![\w.@-])(?P<host>[^\W\d_][\w-]{{1,62}}?(?:\s?[(\[{{*<]\s?(?:{_DOT_WORD}|\.)\s?[)\]}}*>]\s?|"
    rf"\s(?:{_DOT_WORD})\s)(?:{SPOKEN}))\b"
    r"(?!\s(?:facto|jure|luxe))",
    f"{_DOT_WORD}|(|[|{{|*|<",
)
_SPACED = hinted(
    r"(?<![\w.@-])(?P<host>[^\W\d_][\w-]{2,62}(?:\s\.\s?|\.\s)(?:de|com|net|eu|"
    r"shop))(?![\w.])(?!\s[^\W\d_]{2,}\s[^\W\d_])",
    re.compile(r"\.\s?(?:de|com|net|eu|shop)(?![\w.])"),
)
# packages of Java and .NET begin with what a domain ends with
_PACKAGE = re.compile(r"(?:com|org|net|de|io|eu|ch|at)\.[\w-]+\.")


def _is_name(spelt: str) -> bool:
    """Say whether a word with a full stop is no host: a class ("System.IO"), or a blank is missing ("geht.Am")."""
    ending = spelt.rpartition(".")[2]
    labels = spelt.rpartition(".")[0]
    if re.fullmatch(r"v?\d+", labels.lower()):
        return True
    return spelt.lower() in NAMES or (ending != ending.lower() and labels != labels.upper())


def links(folded: Folded, own_domains: Collection[str]) -> Iterator[Finding]:
    """Yield what a browser or a reader would make a page of, without the shop's own and local networks' pages."""

    def finding(match: re.Match[str], confidence: float, rule: str) -> Finding:
        return Finding(Kind.LINK, *folded.span(*match.span()), confidence, f"link.{rule}")

    def foreign(host: str) -> bool:
        plain = re.sub(r"[\[\]()]", "", host) if "::" not in host and ":" not in host else host
        return not is_ours(plain, own_domains) and not is_private(plain)

    for match in _URL.finditer(folded):
        if foreign(match["host"]):
            yield finding(match, 0.95, "url")
    for match in _WWW.finditer(folded):
        if not is_ours(match["host"], own_domains):
            yield finding(match, 0.9, "www")
    for match in _BARE.finditer(folded):
        spelt = folded.spelt(*match.span("host"))
        package = _PACKAGE.match(spelt) and not match["path"]
        if not package and not _is_name(spelt) and not is_ours(match["host"], own_domains):
            yield finding(match, 0.8, "domain")
    for match in _WRITTEN.finditer(folded):
        host = re.sub(
            rf"\s?[(\[{{*<]?\s?\b(?:{_DOT_WORD})\b\s?[)\]}}*>]?\s?|\s?[(\[{{*<]\s?\.\s?[)\]}}*>]\s?", ".", match["host"]
        )
        if not host.startswith(("the.", "a.", "der.", "ein.")) and not is_ours(host.replace(" ", ""), own_domains):
            yield finding(match, 0.8, "written")
    for match in _SPACED.finditer(folded):
        ending = folded.spelt(*match.span()).split()[-1].strip(". ")
        if ending.islower() and not is_ours(re.sub(r"\s", "", match["host"]), own_domains):
            yield finding(match, 0.6, "spaced")
