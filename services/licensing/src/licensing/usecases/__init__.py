"""The stories of keys and serials."""
