"""What staff may see, by their roles."""
