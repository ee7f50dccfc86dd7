"""Statements and notifications of banks (ISO 20022 camt.053, camt.054)."""

from payments.clients.camt.document import parse

__all__ = ["parse"]
