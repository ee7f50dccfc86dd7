"""All services of Kontor in one process, for small installations."""
