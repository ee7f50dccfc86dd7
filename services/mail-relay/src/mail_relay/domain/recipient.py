"""Who is written to by an alias."""

from dataclasses import dataclass

from mail_relay.domain.alias import Side, Tag
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.order_message import OrderState
from mail_relay.domain.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Recipient:
    """A conversation that is written to, and the side that writes; at its desk it writes to the reviewers.

    `paused` where the other side's mailbox has bounced too often. `reached` is the seller's address, `policy` the
    version that is in force while the message is received (MAIL-18). To a buyer who has opted out the seller writes
    what is critical only. With a `tag` the buyer writes to the relay itself. `writers` may write for a seller as well.
    `order` is the state of an order about which the seller writes unasked where that needs a type, None elsewhere.
    """

    conversation: Conversation
    writer: Side
    reached: str | None
    policy: Policy
    desk: bool = False
    paused: bool = False
    opted_out: bool = False
    tag: Tag | None = None
    writers: tuple[str, ...] = ()
    order: OrderState | None = None
