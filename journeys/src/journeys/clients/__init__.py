"""Clients that others' generators make of the services' descriptions, in Python and TypeScript, and calls by them."""
