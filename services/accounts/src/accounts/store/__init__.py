"""What accounts keeps in its own PostgreSQL."""
