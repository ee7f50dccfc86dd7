"""The use cases of rewards."""
