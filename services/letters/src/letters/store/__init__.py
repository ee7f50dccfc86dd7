"""The letters' own PostgreSQL."""
