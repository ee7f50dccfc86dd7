"""Bends files: what may change in them without changing what they mean, and what damages them."""

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from .description import Example, File, Manner
from .writer import Writer, encoded

PROSE = ("ustrd", "addtltxinf", "mt940", "swift-ustrd", "extension")
DAYS = ("day", "time", "zone")
# Types of which XML Schema takes the blanks around them away.
COLLAPSED = frozenset({"Amt", "CdtDbtInd", "Cd", "Dt", "IBAN", "RvslInd", "NbOfTxs", "Id"})
GARBAGE = (
    "",
    " ",
    "x",
    "0",
    "-1",
    "1e9",
    "9" * 40,
    "2026-02-30",
    "CRDT",
    "DBIT",
    "BOOK",
    "true",
    "\u202e",
    "RF00",
    "é" * 300,
)

manners = st.fixed_dictionaries(
    {},
    optional={
        "prefix": st.sampled_from(["", "n", "camt", "ns-1", "_"]),
        "layout": st.sampled_from(["line", "pretty", "crlf"]),
        "encoding": st.sampled_from(["utf-8", "bom", "iso-8859-1", "windows-1252", "utf-16", "iso-8859-15"]),
        "status": st.sampled_from(["code", "plain"]),
        "number": st.sampled_from(["02", "04", "06", "08", "11"]),
        "width": st.sampled_from([0, 8, 11, 27, 35, 65, 140]),
        "text": st.sampled_from(PROSE),
        "date": st.sampled_from(DAYS),
        "envelope": st.booleans(),
        "extension": st.booleans(),
    },
)


def bent(manner: Manner, change: dict[str, Any]) -> Manner:
    """Return a manner with those changes that leave alone what a file says."""
    change = dict(change)
    message, _, number = manner.version.partition(".")
    version: dict[str, str | None] = {"version": f"{message}.{change.pop('number', number)}"}
    if manner.text not in PROSE:
        change.pop("text", None)
    if manner.date not in DAYS:
        change.pop("date", None)
    if "encoding" in change:
        version["declares"] = None
    return manner.model_copy(update={**change, **version})


def tree_of(example: Example, file: File, at: int, manner: Manner) -> Any:
    """Return a file as a tree."""
    return Writer(example, manner).document(file.statements, f"{example.case.name}-{at}")


def stir(root: Any, dice: random.Random) -> None:
    """Add comments, instructions, unknown elements and blanks, and let elements of different names change places."""
    space = etree.QName(root if etree.QName(root).localname == "Document" else root[-1]).namespace
    elements: list[Any] = list(root.iter(etree.Element))
    for element in elements:
        name = etree.QName(element).localname
        if len(element) == 0 and name in COLLAPSED and dice.random() < 0.3 and element.text:
            element.text = f"\n\t {element.text} "
        if name in ("Ntry", "TxDtls") and dice.random() < 0.5:
            _mix(element, dice)
        if len(element) and name not in ("BizMsgEnvlp", "Document") and dice.random() < 0.2:
            extra = dice.choice([etree.Comment(" 219.00 "), etree.PI("bank", "x"), _unknown(str(space))])
            element.insert(dice.randint(0, len(element)), extra)


def _unknown(space: str) -> Any:
    unknown = etree.Element(f"{{{space}}}Later")
    unknown.text = "RF00"
    return unknown


def _mix(element: Any, dice: random.Random) -> None:
    """Let elements of different names change places; those of one name keep theirs."""
    groups: dict[str, list[Any]] = {}
    for child in element:
        groups.setdefault(str(child.tag), []).append(child)
    names = [name for name, group in groups.items() for _ in group]
    dice.shuffle(names)
    for name in names:
        element.append(groups[name].pop(0))


def entries(root: Any) -> list[Any]:
    """Return the entries of a file."""
    return list(root.iter("{*}Ntry"))


def damage(entry: Any, dice: random.Random) -> None:
    """Spoil one element of an entry, or take it away."""
    victim = dice.choice([element for element in entry.iter(etree.Element) if element is not entry])
    parent = victim.getparent()
    assert parent is not None
    if dice.random() < 0.4:
        parent.remove(victim)
    elif dice.random() < 0.2:
        victim.attrib.clear()
    else:
        victim.text = dice.choice(GARBAGE)


def spoil(content: bytes, dice: random.Random) -> bytes:
    """Cut a file short, or change some of its bytes."""
    if dice.random() < 0.3:
        return content[: dice.randint(0, len(content))]
    changed = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def shuffled(contents: Sequence[bytes], dice: random.Random) -> list[bytes]:
    """Return files in any order, some of them several times."""
    found = [content for content in contents for _ in range(dice.randint(1, 2))]
    dice.shuffle(found)
    return found


__all__ = ["bent", "damage", "encoded", "entries", "manners", "shuffled", "spoil", "stir", "tree_of"]
