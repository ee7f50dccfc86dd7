"""Patterns that are looked for only where a word of theirs is: to find that one costs a hundredth of the pattern."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from mail_relay.domain.policy.folding import Folded

Hint = tuple[str, ...] | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Hinted:
    """A pattern, and hints: strings of which every text that the pattern matches has one, or what each also matches."""

    pattern: re.Pattern[str]
    hints: tuple[Hint, ...]

    def finditer(self, folded: Folded) -> Iterator[re.Match[str]]:
        """Return what the pattern finds in a text."""
        return self.pattern.finditer(folded.text) if self.may_match(folded) else iter(())

    def may_match(self, folded: Folded) -> bool:
        """Return whether a text has something of each hint."""
        return all(
            any(map(folded.has, hint)) if isinstance(hint, tuple) else hint.search(folded.text) for hint in self.hints
        )


def hinted(pattern: str, *hints: str | re.Pattern[str]) -> Hinted:
    """Return a pattern with its hints; strings have "|" between them.

    A hint that is a pattern begins with a letter or a set of letters: the library finds where to look by that.
    """
    read = (tuple(hint.split("|")) if isinstance(hint, str) else hint for hint in hints)
    return Hinted(re.compile(pattern), tuple(read))


def either(words: Collection[str]) -> str:
    """Return the pattern of words, of which it takes the longest: a tree, in which most are passed over by a letter."""
    tails = dict[str, list[str]]()
    for word in filter(None, words):
        tails.setdefault(word[0], []).append(word[1:])
    branches = "|".join(re.escape(first) + either(rest) for first, rest in tails.items())
    return f"(?:{branches}){'?' * ('' in words)}" if branches else ""
