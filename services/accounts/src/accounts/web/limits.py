"""How often one network address may ask what can be guessed."""

from dataclasses import dataclass

from chassis.web import Rate

MINUTE = 60
ADDRESSES_AT_FULL_RATE = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls per minute and address; all addresses together have ten times as many."""

    sign_ins: int
    registrations: int
    refreshes: int

    @property
    def sign_in(self) -> Rate:
        """For whatever compares a password."""
        return _rate(self.sign_ins)

    @property
    def registration(self) -> Rate:
        """For opening accounts, which tells whether an e-mail address is known."""
        return _rate(self.registrations)

    @property
    def refresh(self) -> Rate:
        """For refresh tokens."""
        return _rate(self.refreshes)


def _rate(calls: int) -> Rate:
    return Rate(calls, MINUTE, total=calls * ADDRESSES_AT_FULL_RATE)
