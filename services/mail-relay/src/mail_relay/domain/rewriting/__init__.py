"""Messages on their way from one side to the other: nobody's address goes with them."""

from mail_relay.domain.rewriting.headers import referred
from mail_relay.domain.rewriting.leaks import Leak, leaks
from mail_relay.domain.rewriting.message import rewrite
from mail_relay.domain.rewriting.way import Change, Kind, Reason, Refused, Rewritten, Way

__all__ = ["Change", "Kind", "Leak", "Reason", "Refused", "Rewritten", "Way", "leaks", "referred", "rewrite"]
