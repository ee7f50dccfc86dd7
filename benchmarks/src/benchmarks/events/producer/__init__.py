"""A producer that commits paid orders."""
