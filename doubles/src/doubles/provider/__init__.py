"""The payment provider of the local stack: Stripe's wire, a hosted page, signed webhooks and switches for faults."""
