"""The drawer: this service's own PostgreSQL."""
