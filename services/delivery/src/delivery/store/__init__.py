"""The delivery service's own PostgreSQL."""
