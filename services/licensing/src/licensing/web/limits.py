"""How many wrong keys are answered, of all who ask together: guessing is slow from however many addresses (F-L09)."""

from collections import OrderedDict
from hashlib import blake2b
from secrets import token_bytes
from typing import Final

from aiohttp import web
from chassis.web import Limiter, Problem, Rate, address_of, network_of

from licensing.domain.licenses import Verdict
from licensing.web.bodies import KeyBody

WRONG = frozenset({Verdict.UNKNOWN, Verdict.MISTYPED})
EVERYBODY = ""
REMEMBERED: Final = 50_000


class WrongKeys:
    """Wrong keys in the last minute. Only they count, so that nobody can use up what those with a key need.

    While they are used up, wrong keys are refused. That alone would be an answer, too; so a network that had one is
    refused for a minute whatever it asks, and has one guess where it had many. But for keys that this network was
    answered about before: who guesses learns nothing by them that they were not told then.
    """

    def __init__(self, per_minute: int, trusted_proxies: int) -> None:
        self._wrong = Limiter(Rate(per_minute, 60))
        self._guessing = Limiter(Rate(1, 60))
        self._trusted_proxies = trusted_proxies
        # keyed hashes of network, tenant and key: no key stays in memory
        self._answered: OrderedDict[bytes, None] = OrderedDict()
        self._secret = token_bytes(32)

    def admit(self, request: web.Request, key: KeyBody) -> None:
        """Let a network ask about a key, before it is looked up; raises Problem 429."""
        seconds = self._guessing.left(self._network(request))
        if seconds and self._mark(request, key) not in self._answered:
            raise _refusal(seconds)

    def count(self, request: web.Request, key: KeyBody, verdict: Verdict) -> None:
        """Count a key that was wrong; raises Problem 429 where there were too many."""
        if verdict not in WRONG:
            self._remember(self._mark(request, key))
        elif self._wrong.wait(EVERYBODY):
            self._guessing.wait(self._network(request))
            raise _refusal(self._guessing.left(self._network(request)))

    def _remember(self, mark: bytes) -> None:
        self._answered[mark] = None
        self._answered.move_to_end(mark)
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)

    def _mark(self, request: web.Request, key: KeyBody) -> bytes:
        asked = "\0".join((self._network(request), key.tenant, key.license_key))
        return blake2b(asked.encode(), digest_size=16, key=self._secret).digest()

    def _network(self, request: web.Request) -> str:
        return network_of(address_of(request, self._trusted_proxies))


def _refusal(seconds: float) -> Problem:
    after = {"Retry-After": str(int(seconds) + 1)}
    return Problem(429, "too-many-requests", "Too many requests; wait a moment.", after)
