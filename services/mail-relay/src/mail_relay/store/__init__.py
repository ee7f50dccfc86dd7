"""Mail-relay's own PostgreSQL."""
