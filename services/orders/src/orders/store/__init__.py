"""The orders service's own PostgreSQL."""
