"""The roles in access tokens of those who do not work for a tenant; whoever has another is staff."""

from typing import Final

OUTSIDE: Final = frozenset({"customer", "confirming", "service"})
