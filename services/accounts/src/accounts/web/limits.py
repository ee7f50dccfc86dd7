"""How often one network address may ask what can be guessed."""

from typing import Self

from chassis.web import Rate

ADDRESSES_AT_FULL_RATE = 10


class _PerMinute(Rate):
    @classmethod
    def of(cls, calls: int) -> Self:
        """Make a rate of so many calls per minute and address; all addresses together have ten times as many."""
        return cls(calls, 60, total=calls * ADDRESSES_AT_FULL_RATE)


class SignInRate(_PerMinute):
    """For whatever compares a password."""


class RegistrationRate(_PerMinute):
    """For opening accounts, which tells whether an e-mail address is known."""


class RefreshRate(_PerMinute):
    """For refresh tokens."""
