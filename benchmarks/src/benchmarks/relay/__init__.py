"""Messages between people: handed on, against a plain Postfix, and read by a reviewer."""

from benchmarks.relay.comparison import RELAY
from benchmarks.relay.conversation import CONVERSATION

__all__ = ["CONVERSATION", "RELAY"]
