"""Nothing is decided here: the services decide, and the pages show it."""
