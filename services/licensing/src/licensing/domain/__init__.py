"""The rules of keys, serials and stock."""
