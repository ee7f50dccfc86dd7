"""Patterns that are looked for only where a word of theirs is: to find that one costs a hundredth of the pattern."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hinted:
    """A pattern, and hints: each is a set of strings of which every text that the pattern matches has one."""

    pattern: re.Pattern[str]
    hints: tuple[tuple[str, ...], ...]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Return what the pattern finds in a text."""
        return self.pattern.finditer(text) if self.may_match(text) else iter(())

    def may_match(self, text: str) -> bool:
        """Return whether a text has a string of each hint."""
        return all(any(one in text for one in hint) for hint in self.hints)


def hinted(pattern: str, *hints: str) -> Hinted:
    """Return a pattern with its hints, each with "|" between its strings."""
    return Hinted(re.compile(pattern), tuple(tuple(hint.split("|")) for hint in hints))
