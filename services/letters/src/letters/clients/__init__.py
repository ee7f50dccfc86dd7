"""The mail server, and the letters it is given."""
