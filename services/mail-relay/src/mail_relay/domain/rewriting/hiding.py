"""The addresses and names that a receiver must not see, and what stands instead of each."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mail_relay.domain.rewriting.shadow import Shadow, shadow_of, undisguised
from mail_relay.domain.rewriting.way import Way

MARK = "[hidden: {}]"
"""How a replaced address or name is marked in what people read (MAIL-5)."""
LONG_NAME = 5
"""A mailbox name of so many letters is known for a person's by itself."""
_DOTLESS = {"gmail.com", "googlemail.com"}
# an address may be broken after a joint, the next line being quoted, or be written with (at)
_GAP = r"[\s>|]{0,40}"
_AT = rf"{_GAP}(?:@|[\[({{]\s?(?:at|@)\s?[\])}}]){_GAP}"
_DOT = rf"{_GAP}\.{_GAP}"
LONG_WORD = 16
"""A shorter word cannot be an address in Base64."""
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}(?:[ \t>]*\r?\n[ \t>]*[A-Za-z0-9+/_-]{4,})*={0,2}")
_READABLE = bytes(octet if 32 <= octet < 127 else 32 for octet in range(256))
_SPACES = re.compile(r"[\s>]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Where something hidden stands in a source, what it is, and what stands instead."""

    start: int
    end: int
    what: str
    instead: str
    mark: str = MARK


def address_pattern(address: str) -> str:
    """Return the pattern of an address in a shadow: with any +tag, in the spellings that its provider takes for it."""
    local, _, domain = address.lower().rpartition("@")
    if not local:
        labels = _DOT.join(re.escape(label) for label in domain.split("."))
        return rf"(?<![\w.+-])[\w.+-]{{1,64}}{_AT}{labels}(?![a-z0-9])"
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        letters = r"\.?".join(re.escape(letter) for letter in local.replace(".", ""))
    else:
        letters = re.escape(local)
    labels = _DOT.join(re.escape(label) for label in domain.split("."))
    # within a long token (of a link, say) a long name is still the name; "a@b.example" is no part of "ana@b.example"
    begin, end = (r"(?<![a-z0-9])(?<![a-z0-9][.+_-])", r"(?![a-z0-9])") if len(local) < LONG_NAME else ("", "")
    return rf"{begin}{letters}(?:\+[\w.+-]{{0,64}})?{_AT}{labels}{end}"


def name_pattern(name: str) -> str:
    """Return the pattern of a person's name in a shadow, last name first as well."""
    words = [re.escape(word) for word in name.lower().split()]
    forms = [r"[\s>]+".join(words)]
    if len(words) == 2:
        forms.append(rf"{words[1]},[\s>]*{words[0]}")
    return rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)"


def _lone(local: str) -> bool:
    # what looks like a word may be one; "max.mustermann" and "mmuster84" are mailboxes
    return (
        len(local) >= LONG_NAME
        and re.search(r"[^\W\d_]", local) is not None
        and re.search(r"[\d._-]", local) is not None
    )


class Hiding:
    """Finds what a way hides."""

    def __init__(self, way: Way) -> None:
        self.members = {real.lower(): alias for real, alias in way.aliases.items()}
        self.members |= {real.lower(): way.alias for real in way.hidden}
        self._receiver = way.receiver
        self._written_to = way.written_to.lower()
        self._shown = {alias.lower(): alias for alias in (*way.aliases.values(), way.alias)}
        reals = {real: alias for real, alias in self.members.items() if real != way.receiver.lower()}
        self._patterns = [(address_pattern(real), alias) for real, alias in reals.items()]
        literals = {max(real.rpartition("@")[2].split("."), key=len) for real in reals}
        for name in (name for name in way.hidden_names if len(name.strip()) >= 3 and "@" not in name):
            if name.lower() != way.name.lower():
                self._patterns.append((name_pattern(shadow_of(name).text), way.name))
                literals.add(min(shadow_of(name).text.split(), key=lambda word: (-len(word), word)))
        for local in {real.rpartition("@")[0] for real in way.hidden}:
            if _lone(local) and local.lower() not in way.alias.lower():
                self._patterns.append((rf"(?<![\w.@+-]){re.escape(local.lower())}(?![\w@+-]|\.\w)", way.name))
                literals.add(local.lower())
        self._literals = tuple(literals)
        self._pattern: re.Pattern[str] | None = None

    def shown(self, address: str) -> str | None:
        """Return how the receiver sees somebody of the conversation: himself as he is, others by alias, no one else."""
        address = address.strip().lower()
        local, _, domain = address.rpartition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        if address == self._written_to or self._receiver.lower() in (address, plain):
            return self._receiver
        for real in (address, plain, f"@{domain}"):
            if alias := self.members.get(real):
                return alias
        if alias := self._shown.get(address):
            real = next((real for real, known in self.members.items() if known.lower() == address), "")
            return self._receiver if real == self._receiver.lower() else alias
        return None

    def present(self, text: str) -> bool:
        """Whether there may be anything hidden in the text of a shadow: quick, and never wrongly no."""
        return any(literal in text for literal in self._literals)

    def findings(self, shadow: Shadow) -> Iterator[Finding]:
        """Yield what is hidden in a shadow, in order."""
        if not self.present(shadow.text):
            return
        if self._pattern is None:
            # the longest first: of two that begin alike the whole one is meant
            self._patterns.sort(key=lambda pair: -len(pair[0]))
            self._pattern = re.compile("|".join(f"({pattern})" for pattern, _ in self._patterns))
        for match in self._pattern.finditer(shadow.text):
            start, end = shadow.span(*match.span())
            yield Finding(start, end, _SPACES.sub(" ", match[0]), self._patterns[(match.lastindex or 1) - 1][1])

    def in_text(self, text: str) -> Iterator[Finding]:
        """Yield what is hidden in a text, in order."""
        if self.present(undisguised(text)):
            yield from self.findings(shadow_of(text))

    def encoded(self, source: str) -> Iterator[Finding]:
        """Yield where a text holds Base64 that something hidden is in."""
        if max(map(len, source.split()), default=0) < LONG_WORD:
            return
        for match in _BASE64.finditer(source):
            for decoded in decodings(match[0]):
                if found := next(self.findings(shadow_of(decoded)), None):
                    yield Finding(match.start(), match.end(), found.what, found.instead)
                    break

    def cleaned(self, text: str) -> str:
        """Return a text of a header or a file name with everything hidden replaced, unmarked."""
        return replaced(text, [replace(found, mark="{}") for found in self.findings(shadow_of(text))])


def replaced(source: str, findings: Iterable[Finding]) -> str:
    """Return the source with what stands instead of each finding, marked; of two that overlap, the first."""
    pieces, past = list[str](), 0
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if finding.start >= past:
            pieces += source[past : finding.start], finding.mark.format(finding.instead)
            past = finding.end
    return "".join([*pieces, source[past:]])


def decodings(token: str) -> Iterator[str]:
    """Yield what a token says as Base64, whichever sign of it the first group begins with."""
    signs = re.sub(r"[^A-Za-z0-9+/]", "", token.replace("-", "+").replace("_", "/"))
    for offset in range(4):
        whole = len(signs) - offset
        rest = signs[offset : offset + whole - (1 if whole % 4 == 1 else 0)]
        # whatever is no letter is a blank; of wide signs (UTF-16) the half that says something
        yield binascii.a2b_base64(rest + "=" * (-len(rest) % 4)).translate(_READABLE, b"\0").decode("ascii")
