"""Who looks at a page: a visitor, known by a cookie, and the session that began there, if one did."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from chassis.web import Problem

VISITOR: Final = "visitor"
LANGUAGE: Final = "language"
YEAR: Final = 365 * 86400
COOKIE_BYTES: Final = 32
COOKIE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, and the token with which the services are asked for them.

    `fresh` is true while accounts asks for no password, for what hurts, because they have just named it (RFC 9470).
    """

    tenant: str
    subject: str
    name: str
    roles: tuple[str, ...]
    token: str = field(repr=False)
    must_enrol: bool = False
    must_confirm: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of one visitor; `visitor` is the secret in its cookie, `fresh` where it has to be set.

    `origin` is that at which their browser sees the site.
    """

    visitor: str = field(repr=False)
    fresh: bool
    language: str
    address: str = field(repr=False)
    path: str
    session: Session | None = None
    origin: str = ""

    @property
    def form_token(self) -> str:
        """What forms of this visitor send back; whoever has not read a page of theirs cannot know it (ASVS 3.5.1)."""
        return hashlib.sha256(f"form {self.visitor}".encode()).hexdigest()

    @property
    def token(self) -> str | None:
        """The access token of the session."""
        return self.session.token if self.session else None

    def proves(self, token: str) -> bool:
        """Return whether a form has this visitor's token."""
        return hmac.compare_digest(token.encode(), self.form_token.encode())


def new_visitor() -> str:
    """Return a secret for a visitor's cookie."""
    return secrets.token_urlsafe(COOKIE_BYTES)


def is_visitor(text: str) -> bool:
    """Return whether a cookie holds a secret as we give it."""
    return COOKIE.fullmatch(text) is not None


def set_cookie(response: web.StreamResponse, name: str, value: str, public_url: str, seconds: int = YEAR) -> None:
    """Set a cookie that no script reads and no other site's form sends; where there is TLS, it stays within."""
    secure = public_url.startswith("https://")
    response.set_cookie(
        cookie_name(name, public_url), value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=secure
    )


def cookie_name(name: str, public_url: str) -> str:
    """Return a cookie's whole name: with TLS no other host of the domain can set it (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if public_url.startswith("https://") else name


def refuse_foreign(request: web.Request) -> None:
    """Raise Problem for a form that a page of another origin has sent (ASVS 3.5)."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = site not in (None, "same-origin", "none")
    if origin is not None and origin != "null":
        foreign = foreign or origin.partition("://")[2] != request.host
    if foreign or origin == "null":
        raise Problem(403, "foreign-form", "This form was not sent from a page of ours. Open the page and try again.")
