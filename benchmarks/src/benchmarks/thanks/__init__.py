"""How soon the page of an order shows what the letter has brought."""

from benchmarks.thanks.comparison import THANKS

__all__ = ["THANKS"]
