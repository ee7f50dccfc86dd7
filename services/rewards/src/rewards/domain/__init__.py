"""The rules of the rewards programme."""
