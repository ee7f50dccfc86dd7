"""The door for HTTP."""

from rewards.web.routes import routes

__all__ = ["routes"]
