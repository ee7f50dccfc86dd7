"""The stories of partners and what they are sent."""
