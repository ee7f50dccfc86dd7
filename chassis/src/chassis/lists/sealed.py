"""A list whose entries are sealed: what is imported of it, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.lists.reading import Kind, Options, Reading, counted, read_list
from chassis.lists.vault import Vault


class ListRefused(Exception):
    """Nothing was imported: lines are faulty, unlike all others, repeat one another, or are known already."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__()
        self.facts = facts


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """An entry as it is stored: the fingerprint by which it is known, its line in the list, its text in a box."""

    fingerprint: bytes
    line: int
    box: bytes


@dataclass(frozen=True, slots=True)
class SealedList:
    """A list that was read, its entries sealed, and by what the file is known."""

    file_hash: bytes
    entries: Sequence[SealedEntry]
    reading: Reading
    options: Options

    def report(self, **known: Sequence[int]) -> dict[str, Any]:
        """Return how many lines there are of each sort, and the first of them; never what stands in them."""
        return self.reading.facts() | {name: counted(lines) for name, lines in known.items()}

    def taken(self, known: Sequence[int]) -> int:
        """Return how many entries are taken where those in the `known` lines were taken before; none if refused."""
        return 0 if self.reading.refused(self.options, known) else len(self.entries) - len(known)


def seal_list(content: bytes, kind: Kind, vault: Vault, options: Options) -> SealedList:
    """Read a list and seal its entries, which takes a second for 100,000; raises what `read_list` raises."""
    reading = read_list(content, kind, options)
    sealed: list[SealedEntry] = []
    for entry in reading.entries:
        fingerprint = vault.fingerprint(entry.form)
        sealed.append(SealedEntry(fingerprint, entry.line, vault.seal(entry.text, fingerprint)))
    return SealedList(vault.hash_of(content), sealed, reading, options)


def refusal(report: Mapping[str, Any]) -> ListRefused:
    """Return the refusal of a list with what is wrong with its lines."""
    return ListRefused({name: lines for name, lines in report.items() if lines["count"]})
