"""What browsers say that they are: read once, put into our own words, and forgotten."""

from typing import Final
from uuid import UUID

from aiohttp import hdrs, web
from chassis.db import Read
from chassis.identity import Caller
from pages.visit import VISITOR, is_visitor
from ua_parser import BasicResolver, Parser
from ua_parser.loaders import load_lazy_builtins

from accounts.domain.device import Device, known_as
from accounts.store import sessions

# browsers need half of it; the rules are regular expressions, which must not work on more
LONGEST: Final = 400
# the cookie of our own pages, with TLS and without (`pages.visit`)
COOKIES: Final = (f"__Host-accounts-{VISITOR}", f"accounts-{VISITOR}")
# without the cache that keeps headers, which are personal data
PARSER: Final = Parser(BasicResolver(load_lazy_builtins()))


def device_of(request: web.Request) -> Device:
    """Return with which browser and system somebody is here, in words of ours; the header itself is not kept."""
    kept = (request.cookies.get(name, "") for name in COOKIES)
    return read(request.headers.get(hdrs.USER_AGENT, ""), next(filter(is_visitor, kept), ""))


async def device_in(read: Read, request: web.Request, caller: Caller) -> Device:
    """Return with which device somebody who is signed in is here.

    Where a shop's or the Work Center's pages ask for them, it is the one with which their session began.
    """
    device = device_of(request)
    if device.browser is not None or device.system is not None:
        return device
    return (await sessions.scope_of(read, caller.tenant, UUID(caller.claims["sid"]))).device


def read(header: str, cookie: str = "") -> Device:
    """Return what a `User-Agent` names, as far as its beginning shows it, and the cookie that our pages have set."""
    start = header[:LONGEST]
    browser, system = PARSER.parse_user_agent(start), PARSER.parse_os(start)
    return known_as(browser.family if browser else None, system.family if system else None, cookie)
