"""The door for HTTP."""

from orders.web.routes import routes

__all__ = ["routes"]
