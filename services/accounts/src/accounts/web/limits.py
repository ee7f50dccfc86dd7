"""How often one network address may ask what can be guessed; there is no total, which a few could use up for all."""

from typing import Self

from chassis.web import Limiter, Rate


class _PerMinute(Rate):
    @classmethod
    def of(cls, calls: int) -> Self:
        """Make a rate of so many calls per minute and address."""
        return cls(calls, 60)


class SignInRate(_PerMinute):
    """For whatever compares a password."""


class RegistrationRate(_PerMinute):
    """For opening accounts, which tells whether an e-mail address is known."""


class RefreshRate(_PerMinute):
    """For refresh tokens."""


class KeyLimiter(Limiter):
    """How many subjects' keys each service may ask for, several at once: what is more than it needs is an alarm."""
