"""How long to wait after failed attempts: longer after each one, and first of all where they come from."""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)
FREE = 5
FREE_PER_NETWORK = 50
FREE_PER_ACCOUNT = 100  # NIST SP 800-63B, 5.2.2
ATTEMPTS_KEPT = timedelta(days=30)
NETWORKS_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Failures:
    """How many attempts failed within the window, and when the latest began."""

    count: int = 0
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known where an attempt begins.

    `here` counts failures on this account from this network, `network` those from this network on any account,
    `account` those on this account from anywhere, `codes` those of them that named the right password and a wrong
    code. The network is `known` where the account has been signed in to from there before.
    """

    here: Failures
    network: Failures
    account: Failures
    codes: Failures
    known: bool


def wait(standing: Standing, now: datetime) -> timedelta:
    """Return the time left until another attempt is admitted.

    Where the network is known, only failures on the account from there count: nobody else can keep its owner out.
    """
    left = pause(standing.here, FREE, now)
    if standing.known:
        return left
    return max(
        left,
        pause(standing.network, FREE_PER_NETWORK, now),
        pause(standing.account, FREE_PER_ACCOUNT, now),
        pause(standing.codes, FREE, now),
    )


def pause(failures: Failures, free: int, now: datetime) -> timedelta:
    """Return what is left of the pause after so many failures, of which some are free."""
    if failures.latest is None or failures.count < free:
        return timedelta()
    length = min(SHORTEST * 2 ** min(failures.count - free, 10), LONGEST)
    return max(failures.latest + length - now, timedelta())
