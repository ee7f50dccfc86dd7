"""Kafka's side of partners."""
