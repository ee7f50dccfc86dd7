"""The notice of the right of withdrawal as an order's consumer is given it, and what makes a seller's own one wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.domain import statutory
from orders.domain.statutory import passages

LONGEST = 10_000
PLACES = frozenset({"seller", "goods"})
# Those of Unicode's Bidi_Control, too: behind one of them a passage is there and cannot be read.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class NoticeIncomplete(Exception):
    """Consumers cannot be told of their right of withdrawal: this seller's telephone or e-mail address is unknown."""


class NoticeWrong(Exception):
    """This notice does not tell consumers what the law says they must know; `faults` names what is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(*faults)
        self.facts = {"faults": [{"at": "body", "rule": "rule-broken", "reason": fault} for fault in faults]}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice with its version; its text may have places for the seller and the goods."""

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a consumer declares the withdrawal: the seller as the law wants it named."""

    legal_name: str
    address: str
    telephone: str
    email: str


def model(language: str, fulfilment: str) -> Notice:
    """Return the statutory model, which holds for every seller without a notice of its own."""
    return Notice(statutory.VERSION, "\n\n".join(statutory.MODELS[language, fulfilment]))


def faults(language: str, fulfilment: str, text: str) -> list[str]:
    """Return what is wrong with a seller's own notice for `download` or `boxed`, a sentence each; none if it is right.

    It has every passage of the statutory model in its words, and may have others, but one period alone. It names the
    seller by the place `{seller}`, so that no address is outdated.
    """
    found = passages(text)
    wrong = [f"this passage is missing: {passage}" for passage in _needed(language, fulfilment, found)]
    if (periods := " ".join(found).count(statutory.PERIOD[language])) > 1:
        wrong.append(f"it names {periods} periods, and consumers would not know which one counts")
    places = set(re.findall(r"\{([^{}]*)\}", text))
    wrong += [f"there is no place of this name: {{{place}}}" for place in sorted(places - PLACES)]
    if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", text)):
        wrong.append("a brace stands alone")
    if _CONTROL.search(text):
        wrong.append("it has a control character")
    if len(text) > LONGEST:
        wrong.append(f"it is longer than {LONGEST} characters")
    return wrong


def _needed(language: str, fulfilment: str, found: Sequence[str]) -> list[str]:
    needed = [one for one in statutory.MODELS[language, fulfilment] if one not in statutory.OPTIONAL]
    return [
        passage
        for passage in needed
        if not any(_same(one, given) for one in (passage, statutory.INSTEAD.get(passage)) if one for given in found)
    ]


def _same(wanted: str, given: str) -> bool:
    """Whether a passage says what is wanted, alone or, unless it is a heading, before and after more."""
    return wanted == given or (wanted.endswith(".") and f" {wanted} " in f" {given} ")


def of_order(
    language: str, own: Mapping[str, Notice], pieces: Mapping[str, int], contact: Contact | None
) -> tuple[str, str]:
    """Return version and text of the notice for an order of so many `pieces` by fulfilment, with the model form.

    Each kind of goods has its notice, the seller's `own` or the statutory model. Raises NoticeIncomplete.
    """
    if contact is None or not (contact.telephone and contact.email):
        raise NoticeIncomplete
    notices = [own.get(kind) or model(language, kind) for kind in sorted(pieces, reverse=True)]
    one, several = statutory.GOODS[language]
    place = ", ".join(contact.address.split("\n"))
    email = f"{statutory.EMAIL[language]} {contact.email}"
    values = {
        "{seller}": f"{contact.legal_name}, {place}, {statutory.TELEPHONE[language]} {contact.telephone}, {email}",
        "{form}": f"{contact.legal_name}, {place}, {email}",
        "{goods}": several if pieces.get("boxed", 0) > 1 else one,
    }
    text = "\n\n".join([*(notice.text for notice in notices), *statutory.FORMS[language]])
    filled = re.sub(r"\{(?:seller|form|goods)\}", lambda place: values[place[0]], text)
    return " ".join(dict.fromkeys(notice.version for notice in notices)), filled
