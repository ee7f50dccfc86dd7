"""The door for HTTP: a handler's signature is the contract of its route."""

from chassis.web.limits import Rate
from chassis.web.paging import Listing, Page, listing
from chassis.web.problems import Problem, card_number, not_found
from chassis.web.routes import KEPT_NOWHERE, Answer, Body, Routes, View

__all__ = [
    "KEPT_NOWHERE",
    "Answer",
    "Body",
    "Listing",
    "Page",
    "Problem",
    "Rate",
    "Routes",
    "View",
    "card_number",
    "listing",
    "not_found",
]
