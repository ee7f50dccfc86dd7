"""The stories of a download."""
