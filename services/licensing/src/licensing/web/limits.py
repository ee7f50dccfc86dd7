"""How many wrong keys are answered, of all who ask together: guessing is slow from however many addresses (F-L09)."""

from aiohttp import web
from chassis.web import Limiter, Problem, Rate, address_of, network_of

from licensing.domain.licenses import Verdict

WRONG = frozenset({Verdict.UNKNOWN, Verdict.MISTYPED})
EVERYBODY = ""


class WrongKeys:
    """Wrong keys in the last minute. Only they count, so that nobody can use up what those with a key need.

    While they are used up, wrong keys are refused. That alone would be an answer, too; so a network that had one is
    refused for a minute whatever it asks, and has one guess where it had many.
    """

    def __init__(self, per_minute: int, trusted_proxies: int) -> None:
        self._wrong = Limiter(Rate(per_minute, 60))
        self._guessing = Limiter(Rate(1, 60))
        self._trusted_proxies = trusted_proxies

    def admit(self, request: web.Request) -> None:
        """Let a network ask about a key, before it is looked up; raises Problem 429."""
        if seconds := self._guessing.left(self._network(request)):
            raise _refusal(seconds)

    def count(self, request: web.Request, verdict: Verdict) -> None:
        """Count a key that was wrong; raises Problem 429 where there were too many."""
        if verdict in WRONG and self._wrong.wait(EVERYBODY):
            self._guessing.wait(self._network(request))
            raise _refusal(self._guessing.left(self._network(request)))

    def _network(self, request: web.Request) -> str:
        return network_of(address_of(request, self._trusted_proxies))


def _refusal(seconds: float) -> Problem:
    after = {"Retry-After": str(int(seconds) + 1)}
    return Problem(429, "too-many-requests", "Too many requests; wait a moment.", after)
