"""The door for HTTP."""

from accounts.web.limits import Limits
from accounts.web.routes import routes

__all__ = ["Limits", "routes"]
