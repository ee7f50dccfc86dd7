"""What follows from events, messages and requests."""
