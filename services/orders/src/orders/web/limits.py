"""How often one customer may ask, and how often anybody may declare."""

from chassis.web import Limiter, Rate


class OrderRate(Rate):
    """For placing orders, each of which is written about."""


class QuoteRate(Rate):
    """For quoting carts: coupons are guessed no faster than by ordering."""


class WithdrawalRate(Rate):
    """For declarations by people who have not signed in, each of which is answered by a letter."""


class MailboxLimiter(Limiter):
    """How often a letter may be asked for to one e-mail address by people who have not signed in."""
