"""The stories of catalog."""
