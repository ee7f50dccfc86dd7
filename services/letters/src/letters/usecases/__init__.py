"""The stories of an e-mail."""
