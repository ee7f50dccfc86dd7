"""How often one customer may ask."""

from chassis.web import Rate


class PaymentRate(Rate):
    """For opening the provider's page, which costs a call to the provider."""
