"""Partners' own PostgreSQL."""
