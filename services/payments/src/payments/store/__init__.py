"""The payments service's own PostgreSQL."""
