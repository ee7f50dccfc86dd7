"""The stories of money."""
