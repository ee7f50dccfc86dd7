"""A conversation as its customer reads it on a page: what is quoted is told apart, and which files are handed out."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from mail_relay.domain.alias import Side
from mail_relay.domain.message import State
from mail_relay.domain.rewriting.quotes import others

LONGEST_NAME = 100
# octets of the messages that are opened for one page: each is read whole, files and all, whatever is shown of it
MOST_OPENED = 4 * 2**20
# what a system would take for a folder, a stream or an order to its shell
UNSAFE = re.compile(r'[/\\:*?"<>|%\x00-\x1f\x7f]+')
# devices of Windows, whatever their ending
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|clock\$)(?:\.|\Z)", re.IGNORECASE)
# a person has not looked at these yet, or will not let them go: malware is held, and so nobody fetches it
WITHHELD = frozenset({State.HELD, State.BLOCKED, State.ERASED})


class FileUnknown(Exception):
    """This message has no such file."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that follow each other, all of them the author's own or all quoted."""

    text: str
    quoted: bool


def passages(text: str) -> Sequence[Passage]:
    """Return a text in passages, without the blank lines around them."""
    lines = text.split("\n")
    marks = others(lines, signatures=False)
    for at in range(len(lines)):
        if marks[at] and not (at and marks[at - 1]):
            own = _before_introduction(lines[at : at + 3])
            marks[at : at + own] = [False] * own
    found = [
        Passage("\n".join(line for line, _ in group).strip("\n"), quoted)
        for quoted, group in groupby(zip(lines, marks, strict=True), key=lambda one: one[1])
    ]
    return [one for one in found if one.text.strip()]


def _before_introduction(lines: Sequence[str]) -> int:
    """Return how many lines stand above a blank line and what introduces a quote: for hiding they count, not here."""
    for at, line in enumerate(lines):
        if line.rstrip().endswith(":") and not lines[at - 1].strip():
            return at
    return 0


def fitting(sizes: Sequence[int]) -> int:
    """Return how many of these messages are opened for one page, of whatever size the first is."""
    opened = list(accumulate(sizes))
    return max(1, sum(total <= MOST_OPENED for total in opened))


def may_fetch(side: Side, state: State) -> bool:
    """Return whether a customer may have the files of a message that they may read."""
    return state not in WITHHELD and (side is Side.BUYER or state in {State.RELAYED, State.DELIVERED})


def safe_name(name: str, otherwise: str = "file") -> str:
    """Return the name of a file that leads nowhere else, on no system, and shows its ending."""
    plain = "".join(one for one in unicodedata.normalize("NFC", name) if unicodedata.category(one)[0] != "C")
    plain = re.sub(r"\s+", " ", UNSAFE.sub("_", plain)).strip(" ._~-")
    stem, dot, ending = plain.rpartition(".")
    plain = f"{stem[: LONGEST_NAME - 10].strip()}{dot}{ending[:9]}" if dot else plain[:LONGEST_NAME]
    plain = plain.strip(" .")
    if not any(map(str.isalnum, plain)):
        return otherwise
    return f"_{plain}" if DEVICES.match(plain) else plain
