"""Statements and notifications of banks (ISO 20022 camt.053, camt.054), and archives of them."""

from payments.clients.camt.archive import is_archive, unpack
from payments.clients.camt.document import parse

__all__ = ["is_archive", "parse", "unpack"]
