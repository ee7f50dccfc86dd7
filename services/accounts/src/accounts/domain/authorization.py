"""Sign-in for a client: what may be asked, where the answer goes, and what a code is worth (RFC 6749, 7636, 9700)."""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

from accounts.domain.people import CUSTOMER_ROLE

CODE_LIFETIME: Final = timedelta(seconds=60)
# a code that comes a second time within this ends the session that was made of it
CODE_REMEMBERED: Final = timedelta(days=1)
LONGEST_STATE: Final = 4000
LONGEST_HINT: Final = 200
# S256: 32 bytes in base64url; a verifier is 43 to 128 unreserved characters (RFC 7636, 4.1 and 4.2)
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
# what an address may hold without being written otherwise (RFC 3986)
STATE: Final = re.compile(r"[A-Za-z0-9._~-]*")
HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9][a-z0-9.-]{0,252})(:[0-9]{1,5})?")
BACK: Final = "/signed-in"
LANGUAGES: Final = ("de", "en")
# the Work Center's id begins with it, and a colon follows, which the id of no shop has
WORKCENTER: Final = "workcenter"
TENANT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# for what somebody signs in: to buy, or once more, before what hurts, or for a tenant that they have named themselves
CHECKOUT: Final = "checkout"
ONCE_MORE: Final = ("again", "privacy", "security")
NAMED: Final = "named"
PURPOSES: Final = (CHECKOUT, *ONCE_MORE, NAMED)
PARTS: Final = 7


class ClientUnknown(Exception):
    """There is no such shop, or it has another address; nobody is led back from here."""


class RequestUnfit(Exception):
    """A request that the client is answered as refused; `error` is the name of it (RFC 6749, 4.1.2.1)."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class GrantRefused(Exception):
    """This code or token does not count, or not for this client; sign in again."""


class NotACustomer(Exception):
    """Whoever works here has an account of another kind, with which nothing is bought."""


class NotStaff(NotACustomer):
    """A customer has an account of another kind, with which nobody works here."""


@dataclass(frozen=True, slots=True)
class Brand:
    """How a shop looks and what it calls itself, by language; `texts` are the legal texts that it has pages for."""

    name: str
    color: str
    tagline: Mapping[str, str] = field(default_factory=dict[str, str])
    imprint: Mapping[str, str] = field(default_factory=dict[str, str])
    contact: str = ""
    texts: Sequence[str] = ()

    @property
    def initial(self) -> str:
        """What stands for the brand where there is no room."""
        return self.name[:1].upper()


@dataclass(frozen=True, slots=True)
class Client:
    """A shop whose customers sign in here: a public client, known by the addresses to which it may be led back.

    The Work Center is one for the staff of each tenant.
    """

    id: str
    tenant: str
    hosts: tuple[str, ...]
    brand: Brand
    staff: bool = False

    def admits(self, roles: Collection[str]) -> bool:
        """Return whether somebody with these roles signs in here."""
        return self.staff != (CUSTOMER_ROLE in roles)

    def host_of(self, redirect_uri: str) -> str | None:
        """Return the shop's host to which this address leads back, exactly as registered; None for any other."""
        for host in self.hosts:
            if redirect_uri == f"https://{host}{BACK}":
                return host
            if redirect_uri == f"http://{host}{BACK}" and is_of_this_machine(name_of(host)):
                return host
        return None


@dataclass(frozen=True, slots=True)
class Workcenter:
    """Where staff work: a client of its own for each tenant, led back to these origins; without one there is none."""

    origins: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts to which it may be led back."""
        return tuple(origin.partition("://")[2] for origin in self.origins)

    def invitation_page(self, tenant: str) -> str:
        """Return where whoever is invited by a tenant chooses a password; nothing where there is no Work Center."""
        return f"{self.origins[0]}/invitation?tenant={tenant}" if self.origins else ""

    def client(self, client_id: str) -> Client | None:
        """Return the client for the staff of the tenant that an id names; None where the id is no such client's."""
        name, _, tenant = client_id.partition(":")
        if name != WORKCENTER or not self.origins or TENANT.fullmatch(tenant) is None:
            return None
        return Client(client_id, tenant, self.hosts, Brand("Work Center", ""), staff=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for: a code for whoever signs in, which it alone can trade."""

    client: str
    redirect_uri: str
    challenge: str
    state: str
    language: str = ""
    purpose: str = ""
    hint: str = ""

    @property
    def once_more(self) -> bool:
        """Whether somebody who is signed in signs in once more."""
        return self.purpose in ONCE_MORE

    def packed(self) -> str:
        """Return it as one text for an address; whoever changes it asks for something else, which is checked anew."""
        parts = [self.client, self.redirect_uri, self.challenge, self.state, self.language, self.purpose, self.hint]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()

    @classmethod
    def unpacked(cls, text: str) -> Self:
        """Read it again; raises ClientUnknown where it is none."""
        try:
            parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            texts = [part + "" for part in parts]
            client, redirect_uri, challenge, state, language, *more = texts
        except (ValueError, TypeError, RecursionError):
            raise ClientUnknown from None
        # pages that were open before there were purposes have two parts less
        if len(texts) not in (PARTS - 2, PARTS):
            raise ClientUnknown
        return cls(client, redirect_uri, challenge, state, language, *more)

    def check(self) -> None:
        """Raise RequestUnfit for what no client of ours sends."""
        if CHALLENGE.fullmatch(self.challenge) is None:
            raise RequestUnfit("invalid_request")
        if len(self.state) > LONGEST_STATE or STATE.fullmatch(self.state) is None:
            raise RequestUnfit("invalid_request")
        if self.purpose not in ("", *PURPOSES) or len(self.hint) > LONGEST_HINT:
            raise RequestUnfit("invalid_request")


def new_code() -> str:
    """Make a code of 256 random bits."""
    return secrets.token_urlsafe(32)


def answers(challenge: str, verifier: str) -> bool:
    """Return whether a verifier is the one whose hash the challenge is (RFC 7636, 4.6)."""
    if VERIFIER.fullmatch(verifier) is None:
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, challenge)


def name_of(host: str) -> str:
    """Return a host without its port."""
    return re.sub(r":[0-9]+$", "", host)


def is_of_this_machine(name: str) -> bool:
    """Return whether what is sent to a name never leaves the machine (RFC 6761, 6.3; RFC 8252, 7.3)."""
    return name in ("localhost", "127.0.0.1", "[::1]") or name.endswith(".localhost")
