"""What a seller may send about an order without being asked, by the order's state (MAIL-12)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from mail_relay.domain.policy.optout import beginning, is_critical


class OrderState(StrEnum):
    """What became of an order, in the words of the glossary."""

    PLACED = "placed"
    PAID = "paid"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of an order: its units, those refunded and cancelled, and whether any was paid.

    `contact_until` is until when its customer may have to be reached once nothing is outstanding, None before.
    """

    units: frozenset[UUID] = frozenset()
    paid: bool = False
    refunded: frozenset[UUID] = frozenset()
    cancelled: frozenset[UUID] = frozenset()
    contact_until: datetime | None = None

    def state(self, now: datetime) -> OrderState:
        """Return what became of the order; it is closed once its customer need not be reached any more."""
        if self.units and self.units <= self.cancelled:
            return OrderState.CANCELLED
        if self.units and self.units <= self.refunded | self.cancelled:
            return OrderState.REFUNDED
        if self.contact_until is not None:
            return OrderState.DELIVERED if now < self.contact_until else OrderState.CLOSED
        return OrderState.PAID if self.paid else OrderState.PLACED


class MessageType(StrEnum):
    """What a message about an order is for."""

    ACCESS_KEY = "access key"
    INVOICE = "invoice"
    PROBLEM = "problem"
    QUESTION = "question"
    LEGAL_DISCLOSURE = "legal disclosure"


class Reason(StrEnum):
    """Why a message about an order is refused."""

    NOT_IN_THIS_STATE = "not in this state"
    EMPTY = "empty"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message is refused, and what would be allowed: the states, or the greatest length."""

    reason: Reason
    states: frozenset[OrderState] = frozenset()
    longest: int = 0


# how a subject begins, in German and English
_WORDS = {
    MessageType.ACCESS_KEY: "(?:zugangs|lizenz|produkt|aktivierungs)?schl(?:ü|ue)ssel|zugangscode|"
    "(?:access|licen[cs]e|product|activation) key",
    MessageType.INVOICE: "rechnung|gutschrift|invoice|credit note",
    MessageType.PROBLEM: "problem|st(?:ö|oe)rung",
    MessageType.QUESTION: "(?:r(?:ü|ue)ck)?frage|question",
    MessageType.LEGAL_DISCLOSURE: "rechtlicher hinweis|pflichtangaben?|legal (?:disclosure|notice)",
}
_TYPED = {kind: re.compile(rf"\[?\s*(?:{words})(?!\w)") for kind, words in _WORDS.items()}
_S = OrderState
# the greatest length in signs, and the states that a message of the type belongs to
RULES: dict[MessageType, tuple[int, frozenset[OrderState]]] = {
    # a key belongs to whoever has paid, and no more to whoever has the money back
    MessageType.ACCESS_KEY: (400, frozenset({_S.PAID, _S.DELIVERED})),
    # also a corrected one, or one of a refund
    MessageType.INVOICE: (800, frozenset({_S.PAID, _S.DELIVERED, _S.REFUNDED, _S.CLOSED})),
    MessageType.PROBLEM: (2000, frozenset({_S.PLACED, _S.PAID, _S.DELIVERED})),
    MessageType.QUESTION: (800, frozenset({_S.PLACED, _S.PAID, _S.DELIVERED})),
    # what the law wants said is owed whatever became of the order
    MessageType.LEGAL_DISCLOSURE: (2000, frozenset(OrderState)),
}


def refusal(kind: MessageType, state: OrderState, text: str) -> Refusal | None:
    """Return why a message of a type may not be sent for an order in a state, None when it may.

    The length counts the text without blanks around it; a line break is one sign.
    """
    longest, states = RULES[kind]
    plain = text.strip().replace("\r\n", "\n")
    if state not in states:
        return Refusal(Reason.NOT_IN_THIS_STATE, states=states)
    if not plain:
        return Refusal(Reason.EMPTY)
    if len(plain) > longest:
        return Refusal(Reason.TOO_LONG, longest=longest)
    return None


def allowed_types(state: OrderState) -> frozenset[MessageType]:
    """Return the types of messages that may be sent for an order in a state."""
    return frozenset(kind for kind, (_, states) in RULES.items() if state in states)


def type_of(subject: str) -> MessageType | None:
    """Return the type that a subject begins with, in brackets or not."""
    begins = beginning(subject)
    return next((kind for kind, pattern in _TYPED.items() if pattern.match(begins)), None)


def may_come_unasked(subject: str, text: str, state: OrderState) -> bool:
    """Say whether a seller whom nobody asked may write this: what is critical, or has a type that fits the order."""
    kind = type_of(subject)
    return is_critical(subject) or (kind is not None and refusal(kind, state, text) is None)


def offer(states: Collection[OrderState]) -> str:
    """Return in English what may be sent for orders in all of these states, and how long it may be."""
    types = [kind for kind, (_, allowed) in RULES.items() if allowed.issuperset(states)]
    return ", ".join(f"{kind.capitalize()} (up to {RULES[kind][0]} characters)" for kind in types)
