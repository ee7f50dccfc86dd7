"""The use cases: each takes an open transaction, loads, decides, saves and publishes."""
