"""What payments does about money."""
