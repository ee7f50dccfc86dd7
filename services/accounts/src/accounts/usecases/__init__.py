"""The stories: each takes an open transaction, loads, decides, saves and says."""
