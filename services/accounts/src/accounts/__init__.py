"""Accounts: who customers, staff and services are, what may be known of a customer, and for how long."""
