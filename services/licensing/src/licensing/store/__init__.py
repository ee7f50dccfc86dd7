"""Licensing's own PostgreSQL."""
