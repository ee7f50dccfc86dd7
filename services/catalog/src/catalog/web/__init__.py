"""The door for HTTP."""

from catalog.web.routes import routes

__all__ = ["routes"]
