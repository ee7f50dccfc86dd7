"""What browsers are told about every answer, whatever made it: no handler can forget it, and one may be stricter."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

# Of an answer that is no page nothing is shown, run or framed (OWASP ASVS 5.0, 3.4).
SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
# a year, the least that ASVS 3.4.1 asks for
TLS_ONLY: Final = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def guard(app: web.Application, public_url: str) -> None:
    """Give every answer of an application the headers that it does not set itself.

    Where the public address is `https://`, browsers are told to use no other way there, TLS ending here or before.
    """
    app.on_response_prepare.append(_setting({**SAFE, **TLS_ONLY} if public_url.startswith("https://") else SAFE))


def _setting(headers: dict[str, str]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def set_headers(_: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    return set_headers
