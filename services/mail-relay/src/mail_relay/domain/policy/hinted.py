"""Patterns that are looked for only where a word of theirs is: to find that one costs a hundredth of the pattern."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mail_relay.domain.policy.folding import Folded


@dataclass(frozen=True, slots=True)
class Strings:
    """Strings of which a text has one, those without and those with blanks."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]

    def search(self, folded: Folded) -> bool:
        """Return whether a text has one of them."""
        return folded.has_any(self.words) or any(phrase in folded.text for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class Hinted:
    """A pattern, and hints: strings of which every text that the pattern matches has one, or what each also matches."""

    pattern: re.Pattern[str]
    hints: tuple[Strings | re.Pattern[str], ...]

    def finditer(self, folded: Folded) -> Iterator[re.Match[str]]:
        """Return what the pattern finds in a text."""
        return self.pattern.finditer(folded.text) if self.may_match(folded) else iter(())

    def may_match(self, folded: Folded) -> bool:
        """Return whether a text has something of each hint."""
        for hint in self.hints:
            if not (hint.search(folded) if isinstance(hint, Strings) else hint.search(folded.text)):
                return False
        return True


def hinted(pattern: str, *hints: str | re.Pattern[str]) -> Hinted:
    """Return a pattern with its hints; strings have "|" between them.

    A hint that is a pattern begins with a letter or a set of letters: the library finds where to look by that.
    """
    return Hinted(re.compile(pattern), tuple(_strings(hint) if isinstance(hint, str) else hint for hint in hints))


def _strings(hint: str) -> Strings:
    pieces = hint.split("|")
    return Strings(
        tuple(piece for piece in pieces if " " not in piece), tuple(piece for piece in pieces if " " in piece)
    )


def either(words: Collection[str]) -> str:
    """Return the pattern of words, of which it takes the longest: a tree, in which most are passed over by a letter."""
    tails = dict[str, list[str]]()
    for word in filter(None, words):
        tails.setdefault(word[0], []).append(word[1:])
    branches = "|".join(re.escape(first) + either(rest) for first, rest in tails.items())
    return f"(?:{branches}){'?' * ('' in words)}" if branches else ""
