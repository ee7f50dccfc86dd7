"""Names (RFC 1035), asked of name servers within a time and with bounds, for what they answer may be hostile."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Literal, cast

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
import idna

Kind = Literal["A", "AAAA", "MX", "PTR", "TXT"]
# of one answer; a key of 4,096 bits needs 800 bytes, and those who verify themselves to many have forty texts
MOST_RECORDS = 100
MOST_BYTES = 16_384
# what is put right in DNS acts soon, whatever its owner said before
LONGEST_SECONDS = 300
MOST_KEPT = 1_000


class Unanswered(Exception):
    """There is no answer that could be used: `temporary` if asking later may help."""

    def __init__(self, reason: str, *, temporary: bool) -> None:
        super().__init__(reason)
        self.temporary = temporary


class Resolver:
    """Asks name servers: those of the machine (resolv.conf), or the given ones.

    What there is is kept as long as it says (RFC 1035 3.2.1), five minutes at most; that there is nothing is not.
    """

    def __init__(self, nameservers: Sequence[str] = (), port: int = 53, timeout_seconds: float = 5.0) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=not nameservers)
        if nameservers:
            self._resolver.nameservers = list(nameservers)
            self._resolver.port = port
        self.timeout_seconds = timeout_seconds
        self._kept: dict[tuple[str, Kind], tuple[float, tuple[Any, ...]]] = {}

    async def records(self, name: str, kind: Kind) -> tuple[Any, ...]:
        """Return what there is, or nothing: texts as bytes, MX as (preference, host), else text.

        Aliases are followed. A name that cannot exist has nothing. What fails, loops, or is larger than any honest
        answer raises `Unanswered`.
        """
        key = (name.lower().rstrip("."), kind)
        until, kept = self._kept.get(key, (0.0, ()))
        if time.monotonic() < until:
            return kept
        absolute = _name(name)
        if absolute is None:
            return ()
        try:
            answer = await self._resolver.resolve(
                absolute, kind, lifetime=self.timeout_seconds, raise_on_no_answer=False, search=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(type(error).__name__, temporary=True) from None
        found = [record for record in cast("list[Any]", answer.rrset or []) if record.rdtype == answer.rdtype]
        if len(found) > MOST_RECORDS or sum(len(record.to_wire()) for record in found) > MOST_BYTES:
            raise Unanswered("more than any honest answer has", temporary=False)
        values = tuple(_value(record, kind) for record in found)
        if values:
            self._keep(key, values, min(float(answer.chaining_result.minimum_ttl), LONGEST_SECONDS))
        return values

    def _keep(self, key: tuple[str, Kind], values: tuple[Any, ...], seconds: float) -> None:
        self._kept.pop(key, None)
        if len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = (time.monotonic() + seconds, values)


class Questions:
    """The questions about one message: each is asked once, and they are limited in number and time."""

    def __init__(self, resolver: Resolver, most: int, seconds: float) -> None:
        self.resolver, self.most = resolver, most
        self.ends = asyncio.get_running_loop().time() + seconds
        self._asked: dict[tuple[str, Kind], tuple[Any, ...] | Unanswered] = {}

    @property
    def octets(self) -> int:
        """How many octets the texts of all answers have."""
        answers = (one for (_, kind), one in self._asked.items() if kind == "TXT" and not isinstance(one, Unanswered))
        return sum(len(text) for answer in answers for text in answer)

    def known(self, name: str, kind: Kind) -> tuple[Any, ...] | Unanswered | None:
        """Return the answer if it has been given."""
        return self._asked.get((name.lower().rstrip("."), kind))

    async def records(self, name: str, kind: Kind) -> tuple[Any, ...]:
        """Return what there is; beyond the limits it is `Unanswered`."""
        key = (name.lower().rstrip("."), kind)
        if key not in self._asked:
            self._asked[key] = await self._ask(*key)
        answer = self._asked[key]
        if isinstance(answer, Unanswered):
            raise answer
        return answer

    async def _ask(self, name: str, kind: Kind) -> tuple[Any, ...] | Unanswered:
        if len(self._asked) >= self.most:
            return Unanswered("too many questions", temporary=False)
        try:
            async with asyncio.timeout_at(self.ends):
                return await self.resolver.records(name, kind)
        except TimeoutError:
            return Unanswered("the time for all questions is over", temporary=True)
        except Unanswered as answer:
            return answer


def ascii_domain(domain: str) -> str | None:
    """Return a domain in lower case and as DNS has it (RFC 5891), or None if it can be none."""
    plain = domain.lower().rstrip(".")
    if not plain.isascii():
        try:
            plain = idna.encode(plain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    return plain if _name(plain) is not None else None


def _name(name: str) -> dns.name.Name | None:
    if not name.isascii() or "\\" in name:
        return None
    try:
        return dns.name.from_text(name)
    except (dns.exception.DNSException, UnicodeError):
        return None


def _value(record: Any, kind: Kind) -> Any:
    if kind == "TXT":
        return b"".join(cast("tuple[bytes, ...]", record.strings))
    if kind == "MX":
        return record.preference, record.exchange.to_text(omit_final_dot=True).lower()
    return record.target.to_text(omit_final_dot=True).lower() if kind == "PTR" else record.address
