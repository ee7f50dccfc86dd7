"""The stories of a member."""
