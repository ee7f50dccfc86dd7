"""Statements and notifications of banks (ISO 20022 camt.053, camt.054), and archives of them."""

from payments.clients.camt.archive import is_archive, unpack
from payments.clients.camt.aside import aside, read
from payments.clients.camt.document import parse

__all__ = ["aside", "is_archive", "parse", "read", "unpack"]
