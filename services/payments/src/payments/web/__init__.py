"""The door for HTTP."""

from payments.web.routes import routes

__all__ = ["routes"]
