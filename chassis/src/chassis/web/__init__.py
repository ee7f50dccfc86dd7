"""The door for HTTP: a handler's signature is the contract of its route."""

from chassis.web.freshness import refuse_stale, stale
from chassis.web.limits import Limiter, Rate, address_of, network_of
from chassis.web.multipart import MULTIPART, Multipart, Part, malformed, multipart
from chassis.web.paging import Listing, Page, listing
from chassis.web.problems import Problem, RuleBroken, card_number, from_error, not_found, unavailable, unfit
from chassis.web.reading import parts, raw_body
from chassis.web.routes import KEPT_NOWHERE, Answer, Body, Created, Routes, View

__all__ = [
    "KEPT_NOWHERE",
    "MULTIPART",
    "Answer",
    "Body",
    "Created",
    "Limiter",
    "Listing",
    "Multipart",
    "Page",
    "Part",
    "Problem",
    "Rate",
    "Routes",
    "RuleBroken",
    "View",
    "address_of",
    "card_number",
    "from_error",
    "listing",
    "malformed",
    "multipart",
    "network_of",
    "not_found",
    "parts",
    "raw_body",
    "refuse_stale",
    "stale",
    "unavailable",
    "unfit",
]
