"""Commits paid orders, so that there is something to hear."""
