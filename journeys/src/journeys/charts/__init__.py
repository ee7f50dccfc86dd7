"""The parts of the Helm charts that follow from the services: what they are, read, and may do at the broker."""
