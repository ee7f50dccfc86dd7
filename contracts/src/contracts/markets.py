"""The countries in which something can be sold."""

from typing import Final

# Whose taxes orders knows; in others nothing is listed, for a wrong tax cannot be taken back from an invoice.
TAXED: Final = frozenset({"DE"})
