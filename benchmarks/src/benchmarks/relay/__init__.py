"""Messages between people, against a plain Postfix."""

from benchmarks.relay.comparison import RELAY

__all__ = ["RELAY"]
