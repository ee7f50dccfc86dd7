"""The pages about single services, in docs/services."""
