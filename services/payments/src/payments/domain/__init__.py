"""The rules about money."""
