"""The outside world: the payment provider, its webhooks, and the bank's statements."""
