"""Whole sales: order, card payment, grants, keys, the delivery e-mail."""

from benchmarks.sale.comparison import SALE

__all__ = ["SALE"]
