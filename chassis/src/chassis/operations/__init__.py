"""What flows through a service and what stands still, for the operators of a tenant."""
