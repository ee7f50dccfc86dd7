"""The rules of delivering."""
