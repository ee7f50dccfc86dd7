"""The tables of rewards."""
