"""Who is written to by an alias."""

from dataclasses import dataclass

from mail_relay.domain.alias import Side
from mail_relay.domain.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Recipient:
    """A conversation that is written to, and the side that writes: the one for which the alias does not stand.

    `reached` is the seller's address.
    """

    conversation: Conversation
    writer: Side
    reached: str | None
