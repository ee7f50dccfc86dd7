"""Whole sales: an order, a card payment, grants, a key, and an e-mail."""

from benchmarks.sale.comparison import SALE

__all__ = ["SALE"]
