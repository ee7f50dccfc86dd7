"""What the relay decides."""
