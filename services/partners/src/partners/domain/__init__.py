"""The rules of who may see what."""
