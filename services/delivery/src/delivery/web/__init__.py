"""The door for HTTP."""

from delivery.web.downloads import Limits
from delivery.web.routes import routes

__all__ = ["Limits", "routes"]
