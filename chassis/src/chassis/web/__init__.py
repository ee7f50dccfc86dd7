"""The door for HTTP: a handler's signature is the contract of its route."""

from chassis.web.limits import Rate
from chassis.web.problems import Problem, not_found
from chassis.web.routes import Answer, Body, Listing, Page, Routes, View

__all__ = ["Answer", "Body", "Listing", "Page", "Problem", "Rate", "Routes", "View", "not_found"]
