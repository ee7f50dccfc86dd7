"""How often one customer may ask."""

from chassis.web import Rate


class OrderRate(Rate):
    """For placing orders, each of which is written about."""
