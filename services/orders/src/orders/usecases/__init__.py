"""The stories of an order."""
