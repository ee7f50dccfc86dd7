"""Catalog's own PostgreSQL."""
