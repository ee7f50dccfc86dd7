"""The payment provider's double: Stripe's API, a hosted page, signed webhooks, and switches for faults."""
