"""Which e-mails an order's customer gets, when, and what each carries."""
