"""What a seller may send about an order without being asked, by the order's state (MAIL-12)."""

from dataclasses import dataclass
from enum import StrEnum


class OrderState(StrEnum):
    """What became of an order, in the words of the glossary."""

    PLACED = "placed"
    PAID = "paid"
    DELIVERED = "delivered"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    CLOSED = "closed"


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
