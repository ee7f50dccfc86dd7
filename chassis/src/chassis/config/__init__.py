"""The settings of a service: its environment, how it reaches Kafka, its clock, and what it provides to functions."""
